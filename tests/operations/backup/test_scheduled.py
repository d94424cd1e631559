"""Backups by a schedule: made once, by whoever comes first, and told when they are late."""

import asyncio
import json
import re
import zipfile
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from sage.config.load import read_configuration
from sage.config.paths import Paths
from sage.domain.health import Status
from sage.errors import ConfigurationError
from sage.operations.backup.inventory import (
    BEFORE_UPGRADE,
    backup_folder,
    place_for_backup,
    read_backups,
    read_last_backup,
    record_backup,
)
from sage.operations.backup.making import make_backup
from sage.operations.backup.progress import unseen
from sage.operations.backup.scheduled import back_up_on_schedule
from sage.operations.checks.backups import newest
from sage.operations.checks.context import CheckContext
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from tests.support import plain_http
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import wait_until


def settings_of(tmp_path, dsn="postgresql://db/sage", **variables):
    environ = {"HOME": str(tmp_path), "SAGE_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": dsn}
    environ |= {name: value for name, value in variables.items() if value}
    read = read_configuration(environ=environ, paths=Paths.of(environ, tmp_path))
    return read.require_settings()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("sage.operations.backup.scheduled._CHECK_EVERY_S", 0.01)
    monkeypatch.setattr("sage.operations.backup.scheduled._RETRY_S", 0.01)


@pytest.mark.timeout(500)
def test_several_workers_make_one_backup_and_health_tells_its_age(tmp_path):
    port = free_port()
    env = {"SAGE_BACKUP_SCHEDULE": "1d", "EMBEDDING_PROVIDER": "local"}
    with sage(tmp_path, "--workers", "2", port=port, **env):
        wait_until(lambda: answers(port), "readiness", 200)
        wait_until(lambda: check_of(port)["status"] == "healthy", "a backup", 200)
        assert check_of(port)["detail"] == "the newest was made just now, scheduled: 1d"
        listed = plain_http.get(f"http://127.0.0.1:{port}/api/v1/backups").json()
        metrics = plain_http.get(f"http://127.0.0.1:{port}/metrics").text
    (told,) = re.findall(
        r"^sage_backup_last_success_timestamp_seconds (\S+)$", metrics, re.MULTILINE
    )
    (file,) = (tmp_path / "data/backups").iterdir()
    with zipfile.ZipFile(file) as parts:
        made_at = json.loads(parts.read("manifest.json"))["created_at"]
    made_at = datetime.fromisoformat(made_at)
    assert made_at.timestamp() == float(told)
    assert datetime.fromisoformat(listed["last_at"]) == made_at
    assert datetime.fromisoformat(listed["due_at"]) == made_at + timedelta(days=1)
    assert (listed["schedule"], listed["keep"]) == ("1d", 7)
    assert [(one["name"], one["size_bytes"], one["kind"]) for one in listed["backups"]] == [
        (file.name, file.stat().st_size, "usual")
    ]
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines].count("backed_up") == 1
    assert "backup_failed" not in [line["event"] for line in lines]


async def test_what_was_made_before_an_upgrade_is_listed_as_such(database, tmp_path):
    settings = settings_of(tmp_path)
    assert (await read_backups(database, settings)).backups == ()
    place_for_backup(backup_folder(settings), BEFORE_UPGRADE).write_bytes(b"12")
    listed = await read_backups(database, settings)
    assert [(one.kind, one.size_bytes) for one in listed.backups] == [("before_upgrade", 2)]
    assert (listed.last_at, listed.due_at, listed.schedule) == (None, None, None)


def check_of(port):
    return plain_http.get(f"http://127.0.0.1:{port}/health/detailed").json()["checks"]["backup"]


@pytest.fixture
def kept(database, tmp_path):
    """Keep backups by a schedule for the length of a block."""

    @asynccontextmanager
    async def keep(**variables):
        settings = settings_of(tmp_path, **variables)
        settings.data_dir.mkdir(exist_ok=True)
        work = asyncio.create_task(back_up_on_schedule(database, settings))
        try:
            yield settings
        finally:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work

    return keep


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("quick")
async def test_a_backup_is_made_when_it_is_due_and_the_oldest_go(database, kept, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    for day in ("01", "02", "03"):
        await make_backup(database, folder / f"sage-202601{day}T000000Z.backup", unseen)
    yesterday = datetime.now(UTC) - timedelta(days=1, minutes=1)
    await record_backup(database, yesterday)
    schedule = {"SAGE_BACKUP_SCHEDULE": "1d", "SAGE_BACKUP_DIR": str(folder)}
    async with kept(**schedule, SAGE_BACKUP_KEEP="2"):
        await until(lambda: len(list(folder.glob("sage-*"))) == 2)
    assert await read_last_backup(database) > yesterday
    assert (folder / "sage-20260103T000000Z.backup").exists()


@pytest.mark.usefixtures("quick")
async def test_a_backup_that_any_sage_made_is_not_due_for_another(database, kept, tmp_path):
    await record_backup(database, datetime.now(UTC) - timedelta(hours=23))
    async with kept(SAGE_BACKUP_SCHEDULE="1d"):
        await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0.01)
    assert not (tmp_path / "data/backups").exists()


@pytest.mark.usefixtures("quick")
async def test_of_several_machines_one_makes_the_backup(database, tmp_path):
    machines = [
        settings_of(tmp_path / name, SAGE_BACKUP_SCHEDULE="1d") for name in ("one", "two", "three")
    ]
    work = [asyncio.create_task(back_up_on_schedule(database, machine)) for machine in machines]

    def made():
        return list(tmp_path.glob("*/data/backups/sage-*.backup"))

    try:
        await until(made)
        for _ in range(20):
            await asyncio.sleep(0.01)
    finally:
        for one in work:
            one.cancel()
        await asyncio.gather(*work, return_exceptions=True)
    assert len(made()) == 1


@pytest.mark.usefixtures("quick")
async def test_a_failure_is_logged_and_tried_again(kept, tmp_path, caplog):
    (tmp_path / "data").mkdir()
    in_the_way = tmp_path / "data/backups"
    in_the_way.write_text("")
    async with kept(SAGE_BACKUP_SCHEDULE="1d"):
        await until(lambda: "backup_failed" in caplog.text)
        assert "Not a directory" in caplog.text
        in_the_way.unlink()
        await until(lambda: list(in_the_way.glob("sage-*.backup")))


@pytest.mark.usefixtures("quick")
async def test_a_database_that_has_no_tables_yet_is_backed_up_once_it_has(
    empty_postgres_dsn, tmp_path, caplog
):
    caplog.set_level("WARNING", "sage.operations.backup.scheduled")
    settings = settings_of(tmp_path, SAGE_BACKUP_SCHEDULE="1d")
    database = await open_database(empty_postgres_dsn)
    work = asyncio.create_task(back_up_on_schedule(database, settings))
    try:
        await until(lambda: "there are no tables of Sage" in caplog.text)
        await migrate(database)
        await until(lambda: list((tmp_path / "data/backups").glob("sage-*.backup")))
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await database.close()
    assert "backup_failed" not in caplog.text


@pytest.mark.parametrize(
    ("schedule", "hours", "expected"),
    [
        ("", None, (Status.HEALTHY, "none yet, none scheduled")),
        ("", 50, (Status.HEALTHY, "made 2 days ago, none scheduled")),
        ("1d", None, (Status.DEGRADED, "none yet, scheduled: 1d")),
        ("1d", 24.5, (Status.HEALTHY, "made 1 day ago, scheduled: 1d")),
        ("1d", 25.5, (Status.DEGRADED, "made 1 day ago, the next one is late (1d)")),
    ],
)
async def test_health_tells_the_age_and_whether_the_next_one_is_late(
    database, tmp_path, schedule, hours, expected
):
    if hours is not None:
        await record_backup(database, datetime.now(UTC) - timedelta(hours=hours))
    settings = settings_of(tmp_path, SAGE_BACKUP_SCHEDULE=schedule)
    found = await newest(CheckContext(settings=settings, database=database))
    status, words = expected
    assert found.status is status
    assert words in found.detail


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("SAGE_BACKUP_SCHEDULE", "daily", "is neither an interval nor a list of times of the day"),
        ("SAGE_BACKUP_SCHEDULE", "1m", "is shorter than 5 minutes"),
        ("SAGE_BACKUP_DIR", "backups", "is not an absolute path"),
    ],
)
def test_a_schedule_that_means_nothing_is_a_problem_of_the_configuration(
    tmp_path, variable, value, problem
):
    with pytest.raises(ConfigurationError) as raised:
        settings_of(tmp_path, **{variable: value})
    (found,) = raised.value.problems
    assert (found.variable, found.message) == (variable, f"{problem} ({value})")

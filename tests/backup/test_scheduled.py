"""Backups by a schedule: made once, by whoever comes first, and told when they are late."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from sage.backup.making import make_backup
from sage.backup.scheduled import keep_backups
from sage.backup.steps import unseen
from sage.config.load import read_configuration
from sage.config.paths import Paths
from sage.data_dir.last_backup import read_last_backup, record_backup
from sage.domain.health import Status
from sage.errors import ConfigurationError
from sage.service.checks.backups import newest
from sage.service.checks.subject import Subject
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
    monkeypatch.setattr("sage.backup.scheduled._LOOK_EVERY_S", 0.01)
    monkeypatch.setattr("sage.backup.scheduled._AGAIN_S", 0.01)


@pytest.mark.timeout(500)
def test_several_workers_make_one_backup_and_health_tells_its_age(tmp_path):
    port = free_port()
    env = {"SAGE_BACKUP_SCHEDULE": "1d", "EMBEDDING_PROVIDER": "local"}
    with sage(tmp_path, "--workers", "2", port=port, **env):
        wait_until(lambda: answers(port), "readiness", 200)
        folder = tmp_path / "data/backups"
        wait_until(lambda: read_last_backup(tmp_path / "data") is not None, "a backup", 200)
        health = httpx.get(f"http://127.0.0.1:{port}/health/detailed").json()
    assert health["checks"]["backup"]["status"] == "healthy"
    assert health["checks"]["backup"]["detail"] == "the newest was made just now, scheduled: 1d"
    assert len(list(folder.iterdir())) == 1
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["event"] for line in lines].count("backed_up") == 1
    assert "backup_failed" not in [line["event"] for line in lines]


@pytest.fixture
def kept(database, tmp_path):
    """Keep backups by a schedule for the length of a block."""

    @asynccontextmanager
    async def keep(**variables):
        settings = settings_of(tmp_path, **variables)
        settings.data_dir.mkdir(exist_ok=True)
        work = asyncio.create_task(keep_backups(database, settings))
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
    folder, data_dir = tmp_path / "kept", tmp_path / "data"
    folder.mkdir()
    data_dir.mkdir()
    for day in ("01", "02", "03"):
        await make_backup(database, folder / f"sage-202601{day}T000000Z.backup", unseen)
    yesterday = datetime.now(UTC) - timedelta(days=1, minutes=1)
    record_backup(data_dir, yesterday)
    schedule = {"SAGE_BACKUP_SCHEDULE": "1d", "SAGE_BACKUP_DIR": str(folder)}
    async with kept(**schedule, SAGE_BACKUP_KEEP="2"):
        await until(lambda: len(list(folder.glob("sage-*"))) == 2)
        last = read_last_backup(data_dir)
    assert last > yesterday
    assert (folder / "sage-20260103T000000Z.backup").exists()


@pytest.mark.usefixtures("quick")
async def test_a_backup_that_is_not_due_is_not_made(kept, tmp_path):
    (tmp_path / "data").mkdir()
    record_backup(tmp_path / "data", datetime.now(UTC) - timedelta(hours=23))
    async with kept(SAGE_BACKUP_SCHEDULE="1d"):
        await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0.01)
    assert not (tmp_path / "data/backups").exists()


@pytest.mark.usefixtures("quick")
async def test_a_failure_is_logged_and_tried_again(kept, tmp_path, caplog):
    (tmp_path / "data").mkdir()
    in_the_way = tmp_path / "data/backups"
    in_the_way.write_text("")
    async with kept(SAGE_BACKUP_SCHEDULE="1d"):
        await until(lambda: "backup_failed" in caplog.text)
        assert "Not a directory" in caplog.text
        in_the_way.unlink()
        await until(lambda: read_last_backup(tmp_path / "data") is not None)
    assert len(list(in_the_way.glob("sage-*.backup"))) == 1


@pytest.mark.parametrize(
    ("schedule", "hours", "status", "words"),
    [
        ("", None, Status.HEALTHY, "none yet, none scheduled"),
        ("", 50, Status.HEALTHY, "made 2 days ago, none scheduled"),
        ("1d", None, Status.DEGRADED, "none yet, scheduled: 1d"),
        ("1d", 24.5, Status.HEALTHY, "made 1 day ago, scheduled: 1d"),
        ("1d", 25.5, Status.DEGRADED, "made 1 day ago, the next one is late (1d)"),
    ],
)
async def test_health_tells_the_age_and_whether_the_next_one_is_late(
    tmp_path, schedule, hours, status, words
):
    (tmp_path / "data").mkdir()
    if hours is not None:
        record_backup(tmp_path / "data", datetime.now(UTC) - timedelta(hours=hours))
    settings = settings_of(tmp_path, SAGE_BACKUP_SCHEDULE=schedule)
    found = await newest(Subject(settings=settings))
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

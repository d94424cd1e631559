"""Bringing the database of an earlier release up to date: after a backup, if there can be one."""

import asyncio

import pytest

from sage.errors import BackupError, SchemaError
from sage.local.data_dir.upgrade_record import read_upgrade
from sage.operations.backup.inventory import BEFORE_UPGRADE
from sage.operations.backup.making import make_backup
from sage.operations.backup.progress import unseen
from sage.operations.upgrade import bring_up_to_date
from sage.store.connections.pool import open_database
from sage.store.migrate import create_or_require, migration_status, newest_version
from tests.support.earlier_schema import create_earlier_schema
from tests.support.serving import settings_for

EARLIER, NEWEST = 22, newest_version()


@pytest.fixture
async def earlier(empty_postgres_dsn):
    await asyncio.to_thread(create_earlier_schema, empty_postgres_dsn, EARLIER)
    database = await open_database(empty_postgres_dsn)
    yield database
    await database.close()


async def test_of_the_backups_before_upgrades_two_are_kept_and_others_are_left_alone(
    earlier, empty_postgres_dsn, tmp_path
):
    folder = tmp_path / "data" / "backups"
    folder.mkdir(parents=True, mode=0o700)
    names = [f"sage-202{year}0101T000000Z{BEFORE_UPGRADE}.backup" for year in (0, 1)]
    for name in (*names, "sage-20190101T000000Z.backup"):
        await make_backup(earlier, folder / name, unseen)
    told = []
    settings = settings_for(empty_postgres_dsn, tmp_path / "data")
    applied = await bring_up_to_date(earlier, settings, report=told.append)
    assert len(applied) == NEWEST - 32
    assert [text.split(":")[0] for text in told] == [
        "the database is being backed up before the upgrade",
        "the database is being upgraded",
    ]
    kept = {path.name for path in folder.iterdir()}
    assert len(kept) == 3
    assert {names[1], "sage-20190101T000000Z.backup"} < kept
    assert await bring_up_to_date(earlier, settings) == ()
    assert {path.name for path in folder.iterdir()} == kept


async def test_without_pg_dump_the_upgrade_says_so_and_where_a_backup_fails_there_is_none(
    earlier, empty_postgres_dsn, tmp_path, monkeypatch
):
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "backups").write_text("no directory")
    settings = settings_for(empty_postgres_dsn, tmp_path / "data")
    with pytest.raises(SchemaError, match="older than this release"):
        await create_or_require(earlier)
    with pytest.raises(BackupError, match="no backup could be made before the upgrade") as raised:
        await bring_up_to_date(earlier, settings)
    assert "`sage migrate up --no-backup`" in raised.value.hint
    assert len((await migration_status(earlier)).applied) == EARLIER

    monkeypatch.setattr("sage.operations.backup.tools._installed_folders", lambda: ())
    monkeypatch.setattr("sage.operations.backup.tools._embedded_folder", lambda: ())
    assert len(await bring_up_to_date(earlier, settings)) == NEWEST - 32
    assert "pg_dump" in read_upgrade(tmp_path / "data").no_backup

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from pgvector import HalfVector

from sage import __version__
from sage.errors import SchemaError, StoreError
from sage.store import migrate as migrations
from sage.store.migrate import Migration, known_migrations, migrate, migration_status
from tests.support.lending import LentForEach


def _migration(version, sql):
    return Migration(version, "extra", sql, hashlib.sha256(sql.encode()).hexdigest())


@pytest.fixture
def with_extra(monkeypatch):
    """Let this release know one more migration."""

    def add(sql):
        known = known_migrations()
        extra = _migration(known[-1].version + 1, sql)
        monkeypatch.setattr(migrations, "known_migrations", lambda: (*known, extra))
        return extra

    return add


def test_migrations_of_a_release_never_change():
    listed = Path(__file__).with_name("released_migrations.txt").read_text().splitlines()
    released = dict(line.split()[::-1] for line in listed if not line.startswith("#"))
    there = {f"{one.version:04d}_{one.name}.sql": one.checksum for one in known_migrations()}
    assert released.items() <= there.items()
    if "dev" not in __version__:
        assert released == there


async def test_an_empty_database_is_brought_to_this_release_once(empty_postgres_dsn, opened):
    async with opened(empty_postgres_dsn) as database:
        before = await migration_status(database)
        assert not before.current
        assert [m.version for m in before.pending] == [m.version for m in known_migrations()]
        assert await migrate(database) == known_migrations()
        assert await migrate(database) == ()
        after = await migration_status(database)
    assert after.current
    assert [one.checksum for one in after.applied] == [m.checksum for m in known_migrations()]


async def test_eight_starters_at_once_all_succeed_and_it_is_applied_once(
    empty_postgres_dsn, opened
):
    async def start():
        async with opened(empty_postgres_dsn, max_size=1) as database:
            return await migrate(database)

    applied = await asyncio.gather(*[start() for _ in range(8)])
    versions = sorted(migration.version for each in applied for migration in each)
    assert versions == [migration.version for migration in known_migrations()]


async def test_vectors_can_be_written_right_after_the_first_migration(empty_postgres_dsn, opened):
    async with opened(empty_postgres_dsn, max_size=1) as database:
        await migrate(database)
        async with database.across_spaces() as conn:
            vector = HalfVector([1.0, 2.0])
            assert await conn.fetchval("SELECT $1::halfvec", vector) == vector


async def test_a_migration_that_fails_leaves_nothing_and_can_be_run_again(database, with_extra):
    with_extra("CREATE TABLE extra (); SELECT 1 / 0;")
    with pytest.raises(StoreError):
        await migrate(database)
    async with database.across_spaces() as conn:
        assert await conn.fetchval("SELECT to_regclass('sage.extra')") is None
    extra = with_extra("CREATE TABLE extra ();")
    assert await migrate(database) == (extra,)


async def test_a_starter_that_dies_in_the_middle_leaves_the_way_free(
    postgres_dsn, database, opened, with_extra
):
    extra = with_extra("CREATE TABLE extra (); SELECT pg_sleep(0.5);")
    async with opened(postgres_dsn) as doomed:
        dying = asyncio.create_task(migrate(doomed))
        async with asyncio.timeout(20):
            while not await LentForEach(database).fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE '%pg_sleep(0.5)%'"
                " AND pid <> pg_backend_pid()"
            ):
                await asyncio.sleep(0.01)
        with pytest.raises(StoreError):
            await dying
    assert await migrate(database) == (extra,)


async def test_an_applied_migration_that_was_changed_is_refused(database, monkeypatch):
    changed = tuple(replace(m, checksum="0" * 64) for m in known_migrations())
    monkeypatch.setattr(migrations, "known_migrations", lambda: changed)
    with pytest.raises(SchemaError, match="migrations that differ") as caught:
        await migrate(database)
    assert str([one.version for one in changed]) in caught.value.detail
    assert not (await migration_status(database)).current


async def test_a_schema_newer_than_this_release_is_refused(database):
    async with database.across_spaces() as conn:
        await conn.execute("INSERT INTO sage.schema_migrations VALUES (9999, 'later', 'x')")
    with pytest.raises(SchemaError, match="schema too new") as caught:
        await migrate(database)
    assert "9999" in caught.value.detail
    assert not (await migration_status(database)).current


async def test_a_user_who_may_create_nothing_is_told_what_an_administrator_does(
    empty_postgres_dsn, opened
):
    async with opened(empty_postgres_dsn) as database, database.across_spaces() as conn:
        await conn.execute("DROP ROLE IF EXISTS visitor")
        await conn.execute("CREATE ROLE visitor LOGIN")
    address = empty_postgres_dsn.replace("postgres@", "visitor@")
    async with opened(address) as database:
        with pytest.raises(SchemaError, match="may not create") as caught:
            await migrate(database)
    assert "CREATE EXTENSION vector" in caught.value.hint


async def test_a_database_that_cannot_hold_every_language_is_refused(
    postgres_server, empty_postgres_dsn, opened
):
    name = empty_postgres_dsn.rpartition("/")[2]
    conn = await asyncpg.connect(postgres_server)
    await conn.execute(f"DROP DATABASE {name}")
    await conn.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    await conn.close()
    async with opened(empty_postgres_dsn) as database:
        with pytest.raises(SchemaError, match="LATIN1") as caught:
            await migrate(database)
    assert "UTF8" in caught.value.hint


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("CREATE EXTENSION not_installed_here", "lacks the extension pgvector"),
        ("CREATE TABLE extra (v not_a_vector)", "older than 0.7"),
    ],
)
async def test_a_server_without_a_recent_pgvector_is_named(database, with_extra, sql, text):
    with_extra(sql)
    with pytest.raises(SchemaError, match=text) as caught:
        await migrate(database)
    assert "pgvector" in caught.value.hint


async def test_a_lock_held_by_somebody_else_fails_the_migration_in_time(
    database, with_extra, monkeypatch
):
    monkeypatch.setitem(migrations.DDL_BOUNDS, "lock_timeout", "100ms")
    with_extra("ALTER TABLE sage.memories ADD COLUMN extra text")
    async with database.transaction_across_spaces() as holder:
        await holder.execute("LOCK TABLE sage.memories")
        with pytest.raises(StoreError, match="for a lock"):
            await migrate(database)


async def test_a_starter_waits_for_a_migration_that_takes_longer_than_a_query_may(
    postgres_dsn, opened, with_extra
):
    extra = with_extra("SELECT pg_sleep(0.6)")
    async with opened(postgres_dsn, command_timeout_s=0.3) as database:
        assert sorted(await asyncio.gather(migrate(database), migrate(database))) == [(), (extra,)]


async def test_a_migration_leaves_no_setting_behind(database):
    async with database.across_spaces() as conn:
        assert await conn.fetchval("SELECT current_setting('lock_timeout')") == "5s"
        assert await conn.fetchval("SELECT current_setting('statement_timeout')") == "9s"


async def test_the_status_changes_nothing(empty_postgres_dsn, opened):
    async with opened(empty_postgres_dsn) as database:
        await migration_status(database)
    conn = await asyncpg.connect(empty_postgres_dsn)
    assert await conn.fetchval("SELECT to_regnamespace('sage')") is None
    await conn.close()

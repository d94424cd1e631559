"""Databases of before the schema was one file: brought up to date in place, or told how."""

from __future__ import annotations

import subprocess

import asyncpg
import pytest

from sage.errors import SchemaError
from sage.local.postgres.binaries import clean_environment, find_binaries
from sage.store.earlier import versions as earlier
from sage.store.migrate import create_tables, known_migrations, migrate, migration_status
from tests.support.earlier_schema import RECORD, earlier_migrations, make_earlier_schema
from tests.support.saving import message, save

VERSIONS = sorted(earlier.CHECKSUMS)
COLUMNS = """
SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_class
JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'sage'::regnamespace AND relkind = 'r'
ORDER BY relname, attnum
"""
OLD_MEMORY = """
INSERT INTO sage.sessions VALUES ('default', 'tea');
INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT 'default', gen_random_uuid(), 'tea', 'user', 'cup ' || n, '2026-01-01', 'cup'
FROM generate_series(1, 3) AS n
"""


@pytest.fixture
async def conn(empty_postgres_dsn):
    """Give a plain connection to an empty database."""
    conn = await asyncpg.connect(empty_postgres_dsn)
    yield conn
    await conn.close()


def catalog(dsn):
    """Describe all of the schema, as pg_dump does, without what a server counts by itself."""
    command = [
        find_binaries().program("pg_dump"),
        "--schema-only",
        "--schema=sage",
        f"--dbname={dsn}",
    ]
    dumped = subprocess.run(
        command, check=True, capture_output=True, text=True, env=clean_environment()
    )
    lines = dumped.stdout.splitlines()
    return [one for one in lines if not one.startswith("\\") and "SET (pg_attver=" not in one]


def test_the_migrations_of_before_are_as_they_were():
    checksums = {number: checksum for number, _, _, checksum in earlier_migrations()}
    assert earlier.CHECKSUMS.items() <= checksums.items()
    assert checksums[1] == earlier.FIRST_MIGRATION


async def test_every_version_of_before_comes_to_the_same_schema_without_loss(
    conn, empty_postgres_dsn, opened
):
    found = {}
    for version in (0, *VERSIONS):
        await conn.execute("DROP SCHEMA IF EXISTS sage CASCADE")
        if version:
            await make_earlier_schema(conn, version)
            await conn.execute(OLD_MEMORY)
        async with opened(empty_postgres_dsn) as database:
            assert await migrate(database) == known_migrations()
            assert (await migration_status(database)).current
            await save(database, [message("one more")])
        kept = await conn.fetch("SELECT content FROM sage.memories ORDER BY arrival")
        before = ["cup 1", "cup 2", "cup 3"] if version else []
        assert [row["content"] for row in kept] == [*before, "one more"]
        found[version] = catalog(empty_postgres_dsn)
    assert [version for version in VERSIONS if found[version] != found[0]] == []


async def test_the_tables_for_the_rows_of_a_backup_are_those_of_its_version(
    conn, empty_postgres_dsn, opened
):
    differing = []
    async with opened(empty_postgres_dsn) as database:
        for version in VERSIONS:
            await conn.execute("DROP SCHEMA IF EXISTS sage CASCADE")
            await make_earlier_schema(conn, version)
            wanted = await conn.fetch(COLUMNS)
            await conn.execute("DROP SCHEMA sage CASCADE")
            async with database.transaction_across_spaces() as inside:
                await create_tables(inside, version)
            if await conn.fetch(COLUMNS) != wanted:
                differing.append(version)
    assert differing == []


@pytest.mark.parametrize("version", [4, 21])
async def test_what_is_older_is_told_which_commit_to_pass_through(
    conn, empty_postgres_dsn, opened, version
):
    if version > 4:
        await make_earlier_schema(conn, version)
    else:  # the first releases had no schema of their own
        await conn.execute(RECORD.replace("sage.", ""))
        for number, name, sql, checksum in earlier_migrations(version):
            await conn.execute(sql)
            await conn.execute(
                "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
                *(number, name, checksum),
            )
    async with opened(empty_postgres_dsn) as database:
        with pytest.raises(SchemaError, match="is no longer supported") as caught:
            await migrate(database)
        assert len((await migration_status(database)).applied) == version
    assert f"version {version}," in caught.value.detail
    assert "with commit a93373a0 of Sage" in caught.value.hint


async def test_what_another_migration_made_is_refused(conn, empty_postgres_dsn, opened):
    await make_earlier_schema(conn, 30)
    await conn.execute("UPDATE sage.schema_migrations SET checksum = 'x' WHERE version = 28")
    async with opened(empty_postgres_dsn) as database:
        with pytest.raises(SchemaError, match="migrations that differ") as caught:
            await migrate(database)
    assert "[28]" in caught.value.detail

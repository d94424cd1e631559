"""Sage's tables lie in the schema `sage`: others may share the database."""

from __future__ import annotations

import asyncpg
import pytest

from sage.domain.searching import Filters
from sage.errors import SchemaError
from sage.store.migrate import known_migrations, migrate
from sage.store.nearest import nearest_candidates
from sage.store.vector_indexes import build_vector_indexes, read_vector_indexes
from tests.support.saving import message, save

RECORD = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer     PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


async def contents(conn, schema):
    """Read every row of every table, as text."""
    tables = await conn.fetch(
        "SELECT table_name FROM information_schema.tables"
        " WHERE table_schema = $1 AND table_type = 'BASE TABLE'",
        schema,
    )
    return {
        table: sorted(
            row for (row,) in await conn.fetch(f'SELECT t::text FROM "{schema}"."{table}" AS t')
        )
        for (table,) in tables
    }


@pytest.fixture
async def plain(empty_postgres_dsn):
    """Give a plain connection to an empty database, as another program has it."""
    conn = await asyncpg.connect(empty_postgres_dsn)
    yield conn
    await conn.close()


async def test_public_is_left_as_it_was_but_for_the_extension(plain, empty_postgres_dsn, opened):
    await plain.execute("CREATE TABLE sessions (id text); INSERT INTO sessions VALUES ('theirs')")
    await plain.execute("CREATE TABLE schema_migrations (version text PRIMARY KEY)")
    await plain.execute("INSERT INTO schema_migrations VALUES ('20251125101010')")
    before = await contents(plain, "public")
    async with opened(empty_postgres_dsn) as database:
        assert await migrate(database) == known_migrations()
        await save(database, [message("tea")])
    assert await contents(plain, "public") == before
    assert len((await contents(plain, "sage"))["memories"]) == 1
    assert await plain.fetchval("SELECT extnamespace::regnamespace::text FROM pg_extension"
        " WHERE extname = 'vector'") == "public"  # fmt: skip


async def test_a_record_of_migrations_like_ours_that_another_program_made_stays_its_own(
    plain, empty_postgres_dsn, opened
):
    await plain.execute(RECORD + "; CREATE TABLE memories (theirs text)")
    await plain.execute("INSERT INTO schema_migrations VALUES (1, 'first', 'their checksum')")
    before = await contents(plain, "public")
    async with opened(empty_postgres_dsn) as database:
        assert await migrate(database) == known_migrations()
    assert await contents(plain, "public") == before


@pytest.mark.parametrize("schema", ["public", "extensions", "sage"])
async def test_pgvector_is_used_wherever_it_is_installed(plain, empty_postgres_dsn, opened, schema):
    await plain.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    await plain.execute(f"CREATE EXTENSION vector SCHEMA {schema}")
    async with opened(empty_postgres_dsn) as database:
        await migrate(database)
        saved = await save(database, [message("tea")])
        await plain.execute(
            "INSERT INTO sage.embedding_models (provider, name, dimensions)"
            " VALUES ('test', 'tiny', 2)"
        )
        await plain.execute(f"SET search_path = {schema}")
        await plain.execute(
            "INSERT INTO sage.embeddings"
            " SELECT space_id, memory_id, 1, 0, 0, 1, '[1, 2]' FROM sage.memories"
        )
        assert await build_vector_indexes(database, 1, fewest_rows=0) == 1
        async with database.across_spaces() as conn:
            indexes = await read_vector_indexes(conn)
            assert indexes.cover("default", 1)
            found = await nearest_candidates(
                conn,
                space_id="default",
                model_id=1,
                vector=[1.0, 2.0],
                filters=Filters(),
                indexes=indexes,
                limit=1,
            )
    assert found == list(saved.memory_ids)


async def test_a_user_who_owns_nothing_but_the_schema_is_enough(plain, empty_postgres_dsn, opened):
    await plain.execute("DROP ROLE IF EXISTS tenant")
    await plain.execute("CREATE ROLE tenant LOGIN")
    try:
        address = empty_postgres_dsn.replace("postgres@", "tenant@")
        async with opened(address) as database:
            with pytest.raises(SchemaError, match="may not create") as caught:
                await migrate(database)
            assert "CREATE SCHEMA sage AUTHORIZATION" in caught.value.hint
            await plain.execute("CREATE EXTENSION vector; CREATE SCHEMA sage AUTHORIZATION tenant")
            await migrate(database)
            assert (await save(database, [message("tea")])).saved
    finally:
        await plain.execute("DROP OWNED BY tenant CASCADE; DROP ROLE tenant")

"""Sage's tables lie in the schema `sage`: others may share the database, and an older one moves."""

from __future__ import annotations

import asyncio
import hashlib
from importlib import resources

import asyncpg
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.domain.searching import Filters
from sage.errors import SchemaError
from sage.store import memories
from sage.store.active_model import find_active_model
from sage.store.migrate import known_migrations, migrate, migration_status
from sage.store.nearest import nearest_candidates
from sage.store.vector_indexes import build_vector_indexes, read_vector_indexes
from tests.support.saving import message, save

FORMER = known_migrations()[:4]
RECORD = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer     PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
ROWS = """
INSERT INTO embedding_models (provider, name, dimensions)
VALUES ('test', 'few', 2), ('test', 'many', 2), ('test', 'none', 2);
INSERT INTO sessions VALUES ('default', 'tea');
INSERT INTO memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT 'default', ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'tea', 'user',
    'cup ' || n, now(), 'cup'
FROM generate_series(1, 50) AS n;
INSERT INTO embeddings
SELECT space_id, memory_id, 2, 0, 0, 1, format('[1, %s]', arrival)::halfvec FROM memories;
INSERT INTO embeddings SELECT space_id, memory_id, 1, 0, 0, 1, '[1, 2]' FROM memories LIMIT 2;
INSERT INTO embedding_queue (space_id, memory_id) SELECT space_id, memory_id FROM memories LIMIT 3;
INSERT INTO saves SELECT space_id, 'key:1', '\\x00', session_id, ARRAY[memory_id]
FROM memories LIMIT 1;
CREATE INDEX embeddings_hnsw_2_c21f969b5f03d33d43e04f8f136e7682 ON embeddings
USING hnsw ((embedding::halfvec(2)) halfvec_cosine_ops) WHERE model_id = 2 AND space_id = 'default';
"""
RENAMED = {"serving_model": "active_model"}


async def made_by_former_release(conn):
    """Make the tables as the release before did: in the first schema of the search path."""
    await conn.execute(RECORD)
    for number, migration in enumerate(FORMER, 1):
        await conn.execute(migration.sql)
        await conn.execute(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            *(migration.version, migration.name, migration.checksum),
        )
        if number == 1:
            await conn.execute(ROWS)


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


def test_the_migrations_of_earlier_releases_are_as_they_were():
    folder = resources.files("sage.store").joinpath("migrations")
    content = b"".join(
        folder.joinpath(f"{one.version:04d}_{one.name}.sql").read_bytes() for one in FORMER
    )
    assert hashlib.sha256(content).hexdigest() == (
        "5cb10c42c1503923dee8ca8fa6f7f28773a4a71a95c1db51b73c91035983ba86"
    )


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


@pytest.mark.parametrize("schema", ["public", "old home"])
async def test_a_database_of_the_release_before_moves_without_loss(
    plain, empty_postgres_dsn, opened, schema
):
    await plain.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    await plain.execute(f'SET search_path = "{schema}"')
    name = await plain.fetchval("SELECT current_database()")
    await plain.execute(f'ALTER DATABASE {name} SET search_path = "{schema}", public')
    await made_by_former_release(plain)
    before = await contents(plain, schema)
    assert len(before["memories"]) == 50
    async with opened(empty_postgres_dsn) as database:
        status = await migration_status(database)
        assert [one.version for one in status.applied] == [1, 2, 3, 4]
        assert await contents(plain, schema) == before
        assert await migrate(database) == known_migrations()[4:]
        assert await migrate(database) == ()
        after = await contents(plain, "sage")
        assert set(after.pop("schema_migrations")) > set(before.pop("schema_migrations"))
        moved = {RENAMED.get(table, table): rows for table, rows in before.items()}
        # Four columns are new: superseded_at, import_id, author, source.
        moved["memories"] = [f"{row[:-1]},,,,)" for row in moved["memories"]]
        (space,) = after.pop("spaces")
        assert space.startswith("(default,default,")
        assert after == {table: [] for table in after} | moved  # what came later is empty
        assert await contents(plain, schema) == {}
        async with database.across_spaces() as conn:
            assert (await find_active_model(conn)).model == EmbeddingModel("test", "many", 2)
            indexes = await read_vector_indexes(conn)
            assert indexes.cover("default", 2)
            found = await nearest_candidates(
                conn,
                space_id="default",
                model_id=2,
                vector=[1.0, 50.0],
                filters=Filters(),
                indexes=indexes,
                limit=1,
            )
            kept = await memories.read_memory(conn, "default", found[0])
        assert kept.content == "cup 50"
        await save(database, [message("one more")])


async def test_two_starters_move_an_older_database_once(plain, empty_postgres_dsn, opened):
    await made_by_former_release(plain)

    async def start():
        async with opened(empty_postgres_dsn, max_size=1) as database:
            return await migrate(database)

    applied = await asyncio.gather(*[start() for _ in range(4)])
    assert sum(map(len, applied)) == len(known_migrations()) - 4
    assert len((await contents(plain, "sage"))["memories"]) == 50


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

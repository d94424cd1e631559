"""Indexes over vectors: built for large spaces alone, once, beside all other work."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager

import asyncpg
import pytest

from sage.domain.memories import IndexBuild
from sage.domain.searching import Filters
from sage.store import unlinked_vectors, vector_indexes
from sage.store.build_settings import BuildSettings
from sage.store.nearest import nearest_candidates
from sage.store.stats import memory_stats
from sage.store.vector_indexes import (
    LargeSpaces,
    build_vector_indexes,
    drop_vector_indexes,
    read_index_build,
    read_vector_indexes,
    unfitting_build,
)
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.library import Library

INDEXES = """
    SELECT relname, indisvalid, pg_get_expr(indpred, indrelid) AS predicate
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname LIKE 'embeddings\\_hnsw\\_%' ORDER BY relname
"""
_NOTE_MEMORY = """
CREATE TABLE noted (memory text);
CREATE FUNCTION note_memory() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO noted VALUES (current_setting('maintenance_work_mem'));
END
$$;
CREATE EVENT TRIGGER noting ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
EXECUTE FUNCTION note_memory();
"""
MIN = 20
QUOTED = "Anna's \\ space"


@pytest.fixture
async def library(database):
    """Keep two large spaces, one with a name that must be quoted, and a small one."""
    library = await Library(database, BagOfWordsEmbedder(dimensions=16)).open()
    for space_id, turns in ((QUOTED, 40), ("home", 21), ("small", MIN)):
        await library.keep(*(f"turn {number}" for number in range(turns)), space_id=space_id)
    return library


async def build(library):
    return await build_vector_indexes(library.database, library.model_id, fewest_rows=MIN)


async def indexes(library):
    async with library.database.across_spaces() as conn:
        return await conn.fetch(INDEXES)


async def test_spaces_above_the_threshold_get_an_index_each_and_only_once(library):
    assert await build(library) == 2
    assert await build(library) == 0
    found = await indexes(library)
    assert all(index["indisvalid"] for index in found)
    assert sorted("home" in index["predicate"] for index in found) == [False, True]


async def test_a_space_that_waits_for_most_of_its_vectors_gets_its_index_later(library):
    await library.keep(*(f"more {number}" for number in range(30)), space_id="home", embedded=False)
    assert await build(library) == 1
    assert "Anna" in (await indexes(library))[0]["predicate"]
    async with library.database.across_spaces() as conn:
        await conn.execute(
            "UPDATE sage.embedding_queue SET failed_at = now() WHERE space_id = 'home'"
        )
    assert await build(library) == 1


async def test_the_largest_spaces_come_first_where_not_all_may_have_an_index(library, monkeypatch):
    monkeypatch.setattr(vector_indexes, "MAX_INDEXES", 1)
    assert await build(library) == 1
    assert "Anna" in (await indexes(library))[0]["predicate"]
    assert await build(library) == 0


async def test_a_look_for_large_spaces_goes_on_where_the_last_one_ended(library):
    looks = LargeSpaces(library.model_id, fewest_rows=MIN, spaces_a_look=2)
    found = [await looks.look(library.database) for _ in range(3)]
    assert found == [{QUOTED, "home"}, set(), {QUOTED, "home"}]
    assert await looks.all(library.database) == {QUOTED, "home"}
    assert (
        await build_vector_indexes(
            *(library.database, library.model_id), fewest_rows=MIN, among=["small", "home"]
        )
        == 1
    )
    async with library.database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.embeddings")
    assert QUOTED in await LargeSpaces(library.model_id, spaces_a_look=1).look(library.database)


async def test_an_index_gets_the_memory_that_its_vectors_take(library, monkeypatch):
    asked = []

    def chosen(vectors, dimensions, *_limits):
        asked.append((vectors, dimensions))
        return BuildSettings(311, 0, 311)

    monkeypatch.setattr(vector_indexes, "build_settings", chosen)
    async with library.database.transaction_across_spaces() as conn:
        await conn.execute(_NOTE_MEMORY)
    assert await build(library) == 2
    assert asked == [(40, 16), (21, 16)]
    async with library.database.across_spaces() as conn:
        noted = {row["memory"] for row in await conn.fetch("SELECT memory FROM noted")}
    assert noted == ({"311MB"} if not library.database.behind_pooler else {"64MB"})


async def test_a_build_that_does_not_fit_into_memory_is_told_until_it_is_done(library):
    assert await unfitting_build(library.database, library.model_id) is None
    async with library.database.across_spaces() as conn:
        await conn.execute("ANALYZE sage.embeddings")
        await conn.execute(
            "UPDATE pg_class SET reltuples = 1e9 WHERE oid = 'sage.embeddings'::regclass"
        )
    told = await unfitting_build(library.database, library.model_id)
    assert told.wanted_mib > 100_000 > told.memory_mib
    assert await build(library) == 2
    async with library.database.across_spaces() as conn:
        await conn.execute("DELETE FROM sage.embeddings WHERE space_id = 'small'")
        await conn.execute("ANALYZE sage.embeddings")
        await conn.execute(
            "UPDATE pg_class SET reltuples = 1e9 WHERE oid = 'sage.embeddings'::regclass"
        )
    assert await unfitting_build(library.database, library.model_id) is None


async def test_where_there_are_many_vectors_each_is_linked_with_more_care(library, monkeypatch):
    monkeypatch.setattr(vector_indexes, "_DENSE_FROM", 12)
    assert await build(library) == 2
    async with library.database.across_spaces() as conn:
        found = await conn.fetch(
            "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'embeddings\\_hnsw\\_%'"
        )
    found = " ".join(index["indexdef"] for index in found)
    assert sorted(re.findall(r"ef_construction='(\d+)'", found)) == ["128", "160"]


async def test_the_indexes_of_one_model_are_dropped_and_those_of_another_stay(library):
    other = await Library(library.database, BagOfWordsEmbedder(dimensions=8)).open()
    await other.keep(*(f"turn {number}" for number in range(30)))
    assert await build(library) == 2
    assert await build(other) == 1
    assert await drop_vector_indexes(library.database, library.model_id) == 2
    assert await drop_vector_indexes(library.database, library.model_id) == 0
    assert len(await indexes(library)) == 1


async def test_builders_in_many_processes_build_each_index_once(library):
    built = await asyncio.gather(*(build(library) for _ in range(4)))
    assert sum(filter(None, built)) == 2
    assert [index["indisvalid"] for index in await indexes(library)] == [True, True]


async def test_long_memories_do_not_crowd_out_the_others_of_a_large_space(library):
    """Two have more chunks near the question than the index is asked for."""
    long = [await library.keep("turn " * 18_000, session_id=f"long {n}") for n in range(2)]
    await library.keep(*(f"turn {number}" for number in range(9)))
    await build(library)
    async with library.database.across_spaces() as conn:
        found = await nearest_candidates(
            conn,
            space_id="default",
            model_id=library.model_id,
            vector=await library.embedder.embed_query("turn"),
            filters=Filters(),
            indexes=await read_vector_indexes(conn),
            limit=4,
        )
    assert {memory_id for (memory_id,) in long} < set(found)
    assert len(found) == 4


async def test_what_a_killed_build_left_is_dropped_and_built_anew(library, postgres_dsn):
    """An open transaction that has read keeps a build from its end: there it is killed."""
    async with _transaction_that_has_read(postgres_dsn):
        building = asyncio.create_task(build(library))
        async with asyncio.timeout(20):
            while not await _waits_for_the_end(library):
                await asyncio.sleep(0.02)
        building.cancel()
        with pytest.raises(asyncio.CancelledError):
            await building
    assert [index["indisvalid"] for index in await indexes(library)] == [False]
    assert await build(library) == 2
    assert [index["indisvalid"] for index in await indexes(library)] == [True, True]


async def test_saving_and_searching_go_on_while_an_index_is_built(library, postgres_dsn):
    async with _transaction_that_has_read(postgres_dsn):
        building = asyncio.create_task(build(library))
        async with asyncio.timeout(20):
            while not await _waits_for_the_end(library):
                await asyncio.sleep(0.02)
        async with library.database.across_spaces() as conn:
            build_of = {one: await read_index_build(conn, one) for one in (None, QUOTED, "small")}
            told = (await memory_stats(conn, QUOTED, "model", 1)).index_build
        assert build_of[None] == build_of[QUOTED] == IndexBuild(1.0, 0)
        assert (told, build_of["small"]) == (IndexBuild(1.0, 0), None)
        await library.keep("the heron nests by the mill", space_id=QUOTED)
        assert await library.found("heron", space_id=QUOTED, n=1) == ["the heron nests by the mill"]
        assert not building.done()
    assert await building == 2


async def test_others_build_while_an_index_is_walked(library, postgres_dsn):
    async with _walk_that_waits(postgres_dsn):
        building = asyncio.create_task(build(library))
        async with asyncio.timeout(20):
            while not await _walks(library):
                await asyncio.sleep(0.02)
        assert await build(library) == 0
        assert not building.done()
    assert await building == 2


async def test_a_walk_that_takes_too_long_is_given_up_and_the_index_stays(
    library, postgres_dsn, monkeypatch
):
    assert unlinked_vectors._WALK["statement_timeout"] != "0"  # noqa: SLF001
    monkeypatch.setitem(unlinked_vectors._WALK, "statement_timeout", "50ms")  # noqa: SLF001
    async with _walk_that_waits(postgres_dsn):
        assert await build(library) == 2
    assert [index["indisvalid"] for index in await indexes(library)] == [True, True]


@asynccontextmanager
async def _walk_that_waits(dsn):
    """Keep what a walk writes to locked."""
    conn = await asyncpg.connect(dsn)
    async with conn.transaction():
        await conn.execute("LOCK TABLE sage.unlinked_embeddings")
        yield
    await conn.close()


async def _walks(library):
    async with library.database.across_spaces() as conn:
        return await conn.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")


@asynccontextmanager
async def _transaction_that_has_read(dsn):
    conn = await asyncpg.connect(dsn)
    async with conn.transaction(isolation="repeatable_read"):
        await conn.fetchval("SELECT count(*) FROM sage.embeddings")
        yield
    await conn.close()


async def _waits_for_the_end(library):
    async with library.database.across_spaces() as conn:
        phase = await conn.fetchval("SELECT phase FROM pg_stat_progress_create_index")
    return phase is not None and phase.startswith("waiting for old snapshots")

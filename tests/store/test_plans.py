"""How a search reads a store of many memories: what it finds, and by which way."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pgvector import HalfVector

from sage.retrieval.text.lexemes import query_of
from sage.store import memories, unlinked_vectors
from sage.store.evidence import read_evidence
from sage.store.named_sql import query
from sage.store.search import UNINFORMATIVE_CODES, read_hits
from sage.store.vector_indexes import VectorIndexes, read_vector_indexes
from tests.store.corpus import Corpus
from tests.store.populated import (
    LEFT_OUT,
    MODEL,
    NO_FILTER,
    ROWS,
    enter,
    indexes_of,
    lookups,
    nearest,
    nodes,
    plan,
    rows_fetched,
    rows_read,
)

_FILL = """
WITH kept AS (
    INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
    SELECT 'default', gen_random_uuid(), 'one', 'user', 'a', now() + number * interval '1 s', 'a:1'
    FROM generate_series(1, 500) AS number
    RETURNING memory_id
)
SELECT array_agg(memory_id) FROM kept
"""

_CLASSED = (
    "INSERT INTO sage.memory_classes (space_id, memory_id, class, rules_version, reply_id)"
    " SELECT space_id, memory_id, {} FROM sage.memories WHERE space_id = 'largest' LIMIT {}"
)

pytestmark = pytest.mark.timeout(300)  # the store is made within the first test


@pytest.mark.parametrize("space_id", ["tiny", "small", "large", "largest"])
async def test_the_nearest_are_found_in_a_space_of_any_size(conn, points, space_id):
    indexes = await read_vector_indexes(conn)
    assert indexes.cover(space_id, 1) == (ROWS[space_id] > 5_000)
    found, wanted = 0, 0
    for point in points:
        exact = await nearest(conn, space_id, point, VectorIndexes())
        found += len(set(exact) & set(await nearest(conn, space_id, point, indexes)))
        wanted += len(exact)
    assert found / wanted >= 0.98


@pytest.mark.parametrize("space_id", ["large", "largest"])
async def test_a_large_space_is_searched_by_its_own_index(conn, points, space_id):
    values = (space_id, 1, [HalfVector(points[0])], 100, False, LEFT_OUT)
    by_index = (*values, 400, MODEL.dimensions, False)
    await enter(conn, space_id)
    root = await plan(conn, query("search_nearest_indexed"), *by_index)
    [index] = [name for name in indexes_of(root) if "hnsw" in name]
    assert index.startswith("embeddings_hnsw_1_")
    assert 400 <= rows_read(root, "embeddings") <= 410  # with those that the index does not lead to


async def test_about_how_many_vectors_there_are_is_read_with_their_indexes(conn):
    total = sum(ROWS.values())
    assert 0.9 * total < (await read_vector_indexes(conn)).vectors < 1.1 * total


@pytest.mark.parametrize("space_id", ["tiny", "small"])
async def test_a_small_space_is_read_whole_and_no_other(conn, points, space_id):
    sql = query("search_nearest")
    values = (space_id, 1, [HalfVector(points[0])], 100, False, LEFT_OUT)
    await enter(conn, space_id)
    root = await plan(conn, sql, *values, 200)
    assert not any("hnsw" in name for name in indexes_of(root))
    assert rows_read(root, "embeddings") == ROWS[space_id]


@pytest.mark.needs_session
async def test_no_statement_gets_a_plan_made_for_any_space(conn, points):
    """PostgreSQL weighs one after five runs, and would keep it until the connection ends."""
    indexes = await read_vector_indexes(conn)
    words = query_of(Corpus(seed=3).question())
    lexical = ("tiny", words.tsquery, words.tsquery, 100, *NO_FILTER, LEFT_OUT, 200, 50)
    for space_id in ["largest"] * 8 + ["tiny"] * 8:
        await nearest(conn, space_id, points[0], indexes)
        await nearest(conn, space_id, points[0], indexes, role="user")
        await conn.fetch(query("search_lexical"), *lexical)
    plans = await conn.fetch(
        "SELECT custom_plans, generic_plans FROM pg_prepared_statements"
        " WHERE statement LIKE '-- search_%'"
    )
    assert len(plans) >= 4
    assert min(row["custom_plans"] for row in plans) >= 8
    assert [row["generic_plans"] for row in plans if row["generic_plans"]] == []


@pytest.mark.needs_session
async def test_the_settings_of_an_indexed_search_end_with_it(big, points):
    async with big.in_space("largest") as conn:
        await nearest(conn, "largest", points[0], await read_vector_indexes(conn))
    async with big.in_space("largest") as conn:
        assert await conn.fetchval("SELECT current_setting('hnsw.ef_search')") == "40"
        iterative = await conn.fetchval("SELECT current_setting('hnsw.iterative_scan', true)")
        assert iterative in {"off", None}  # None before pgvector 0.8


async def test_forgotten_memories_do_not_take_the_places_of_others(big, points):
    """More are forgotten around a point than the index gives at once."""
    async with big.across_spaces() as conn:
        indexes = await read_vector_indexes(conn)
        exact = await nearest(conn, "largest", points[0], VectorIndexes(), limit=600)
        await memories.forget(conn, "largest", exact[:500], None)
        try:
            found = await nearest(conn, "largest", points[0], indexes, limit=100)
            assert len(found) == 100
            assert not set(found) & set(exact[:500])
        finally:
            await memories.restore(conn, "largest", exact[:500], None)


async def test_superseded_memories_do_not_take_the_places_of_others_either(big, points):
    superseded = "UPDATE sage.memories SET superseded_at = $2 WHERE memory_id = ANY ($1)"
    async with big.across_spaces() as conn:
        indexes = await read_vector_indexes(conn)
        exact = await nearest(conn, "largest", points[0], VectorIndexes(), limit=600)
        await conn.execute(superseded, exact[:500], datetime.now(UTC))
        try:
            found = await nearest(conn, "largest", points[0], indexes, limit=100)
            assert len(found) == 100
            assert not set(found) & set(exact[:500])
        finally:
            await conn.execute(superseded, exact[:500], None)


async def test_what_was_asked_in_vain_takes_no_places_of_what_was_said(big, points):
    """Of the nearest 500, 400 were asked in vain; only one was answered."""
    async with big.across_spaces() as conn:
        indexes = await read_vector_indexes(conn)
        exact = await nearest(conn, "largest", points[0], VectorIndexes(), limit=600)
        await conn.execute(
            "INSERT INTO sage.memory_classes SELECT 'largest', memory_id, 1, 1,"
            " CASE WHEN memory_id = $2 THEN $3::uuid END FROM unnest($1::uuid[]) AS memory_id"
            " ON CONFLICT (space_id, memory_id) DO UPDATE"
            " SET class = excluded.class, reply_id = excluded.reply_id",
            [exact[0], *exact[2:402]],
            exact[0],
            exact[1],
        )
        try:
            for known in (indexes, VectorIndexes()):
                found = await nearest(conn, "largest", points[0], known, limit=100)
                assert found[:2] == exact[:2]
                assert len(found) == 100
                assert not set(found) & set(exact[2:402])
                questions = {"include_questions": True}
                found = await nearest(conn, "largest", points[0], known, limit=100, **questions)
                assert len(set(found) & set(exact[:100])) >= 98
        finally:
            await conn.execute("DELETE FROM sage.memory_classes")


async def test_classes_are_looked_up_until_there_are_enough(big, points):
    """And not of all that match."""
    async with big.across_spaces() as conn:
        values = ("largest", 1, [HalfVector(points[0])], 100, False, LEFT_OUT)
        by_index = (*values, 400, MODEL.dimensions, False)
        indexed = await plan(conn, query("search_nearest_indexed"), *by_index)
        assert lookups(indexed, "memory_classes") <= 100
        for chunks in (200, None):
            whole = await plan(conn, query("search_nearest"), *values, chunks)
            assert lookups(whole, "memory_classes") <= 100
    async with big.in_space("largest") as conn:
        words = query_of(Corpus(seed=3).question())
        lexical = ("largest", words.tsquery, words.tsquery, 100, *NO_FILTER, LEFT_OUT, 200, 50)
        found = await plan(conn, query("search_lexical"), *lexical)
        assert 100 <= lookups(found, "memory_classes") <= 300


@pytest.mark.parametrize("analyzed", ["before", "again"])
async def test_of_what_tells_something_no_class_is_read_but_that_of_candidates(
    big, points, analyzed
):
    """Whatever the statistics say: those from before an import know questions without a reply."""
    words = query_of(Corpus(seed=3).question())
    point = HalfVector(points[0])
    async with big.across_spaces() as conn:
        await conn.execute("BEGIN")
        try:
            await conn.execute(_CLASSED.format("1, 1, NULL", 400))
            await conn.execute("ANALYZE sage.memory_classes")
            await conn.execute("DELETE FROM sage.memory_classes")
            await conn.execute(
                _CLASSED.format("0, 1, lag(memory_id) OVER (ORDER BY memory_id)", "ALL")
            )
            if analyzed == "again":
                await conn.execute("ANALYZE sage.memory_classes")
            indexes = await read_vector_indexes(conn)
            found = await nearest(conn, "largest", points[0], indexes, limit=60)
            by_index = (1, [point], 100, False, LEFT_OUT, 400, MODEL.dimensions, False)
            matched = (words.tsquery, words.tsquery, 100, *NO_FILTER, LEFT_OUT, 200, 50)
            compared = (words.tsquery, list(words.tsqueries), 1, point)
            asked = {
                "search_nearest_indexed": (by_index, 0),
                "search_lexical": (matched, 0),
                "search_evidence": ((found, 2, *compared, False, UNINFORMATIVE_CODES), len(found)),
                "read_exchanges": ((found,), 6 * len(found)),
            }
            for name, (values, most) in asked.items():
                if name == "search_evidence":
                    await conn.execute(query("plan_once"))
                sql = query(name)
                fetched = await rows_fetched(conn, "memory_classes", sql, "largest", *values)
                assert fetched <= most, name
        finally:
            await conn.execute("ROLLBACK")
            await conn.execute("VACUUM ANALYZE sage.memory_classes")


async def test_the_forgotten_are_not_all_read_for_one_search(big, points):
    """Thousands are forgotten, and none near the point."""
    async with big.across_spaces() as conn:
        values = ("largest", 1, [HalfVector(points[0])], 100, False, LEFT_OUT)
        exact = await nearest(conn, "largest", points[0], VectorIndexes(), limit=5_000)
        await memories.forget(conn, "largest", exact[2_000:], None)
        try:
            by_index = (*values, 400, MODEL.dimensions, False)
            indexed = await plan(conn, query("search_nearest_indexed"), *by_index)
            assert rows_read(indexed, "memories") <= 500
            for chunks in (200, None):
                whole = await plan(conn, query("search_nearest"), *values, chunks)
                assert rows_read(whole, "memories") <= 500
        finally:
            await memories.restore(conn, "largest", exact[2_000:], None)


@pytest.mark.parametrize("point_known", [True, False])
async def test_evidence_is_read_by_keys_alone(conn, points, point_known):
    candidates = await nearest(conn, "largest", points[0], await read_vector_indexes(conn), 60)
    words = query_of("What did Anna say?")
    point = HalfVector(points[0]) if point_known else None
    compared = (words.tsquery, list(words.tsqueries), 1, point)
    asked = ("largest", candidates, 2, *compared, False, UNINFORMATIVE_CODES)
    await conn.execute(query("plan_once"))
    for table in ("memories", "embeddings"):
        fetched = await rows_fetched(conn, table, query("search_evidence"), *asked)
        assert fetched <= 5 * len(candidates)


@pytest.mark.needs_session
async def test_evidence_and_hits_are_planned_once(big, points):
    for _ in range(2):
        async with big.in_space("largest") as conn:
            candidates = await nearest(conn, "largest", points[0], VectorIndexes())
            await read_evidence(
                conn,
                space_id="largest",
                candidates=candidates,
                tsquery="'anna'",
                terms=["'anna'"],
                model_id=1,
                dimensions=MODEL.dimensions,
                reach=2,
            )
            await read_hits(conn, "largest", candidates)
            plans = await conn.fetch(
                "SELECT sum(custom_plans) AS custom FROM pg_prepared_statements"
                " WHERE statement ~ '^-- search_(evidence|hits)'"
            )
            assert [row["custom"] for row in plans] == [0]


async def test_a_plan_made_for_an_empty_store_reads_by_keys_once_it_is_full(database):
    """Before PostgreSQL 17, once autovacuum has seen that the table is no longer empty."""
    asked = (2, "'a'", ["'a'"], 1, None, False, UNINFORMATIVE_CODES)
    async with database.in_space("default") as conn:
        await conn.execute(query("plan_once"))
        await conn.fetch(query("search_evidence"), "default", [], *asked)
        await conn.fetch(query("search_hits"), "default", [])
        planned = await conn.fetchval("SELECT pg_backend_pid()")
    async with database.in_space("default") as conn:
        await conn.execute("INSERT INTO sage.sessions VALUES ('default', 'one')")
        ids = await conn.fetchval(_FILL)
        version = int(await conn.fetchval("SHOW server_version_num"))
    if version < 170_000:
        async with database.across_spaces() as owned:
            await owned.execute("ANALYZE sage.memories")
    async with database.in_space("default") as conn:
        assert await conn.fetchval("SELECT pg_backend_pid()") == planned
        await conn.execute(query("plan_once"))
        fetched = await rows_fetched(
            conn, "memories", query("search_evidence"), "default", ids[:3], *asked
        )
        assert 3 <= fetched <= 15
        assert await rows_fetched(conn, "memories", query("search_hits"), "default", ids[:3]) == 3


async def test_an_index_that_is_gone_makes_the_answer_slow_and_not_wrong(big, points):
    async with big.across_spaces() as conn:
        known = await read_vector_indexes(conn)
        exact = await nearest(conn, "large", points[0], VectorIndexes())
        await conn.execute("BEGIN")
        try:
            for name in known.names:
                await conn.execute(f"DROP INDEX sage.{name}")
            assert await read_vector_indexes(conn) == VectorIndexes()
            assert await nearest(conn, "large", points[0], known) == exact
        finally:
            await conn.execute("ROLLBACK")


async def test_a_walk_compares_no_vector_with_every_other_however_large_the_space(big):
    """In little memory 9,000 vectors are as many as millions in that of the default."""
    little = {"work_mem": "64kB", "hnsw.scan_mem_multiplier": "1000"}
    settings = {**unlinked_vectors._WALK, **little}  # noqa: SLF001
    values = ("largest", 1, MODEL.dimensions, 0.02)
    async with big.across_spaces() as conn:
        await conn.execute("BEGIN")
        try:
            await conn.execute(query("bound_transaction"), list(settings), [*settings.values()])
            for rows in (20_000, 1):  # as they are, and as they may be after an import
                await conn.execute(
                    "UPDATE pg_class SET reltuples = $1 WHERE relname = 'embeddings'", rows
                )
                root = await plan(conn, query("record_unlinked_vectors"), *values)
                read = sum(
                    node["Actual Loops"] * node["Actual Rows"]
                    for node in nodes(root)
                    if node.get("CTE Name") in {"reached", "unlinked"}
                )
                assert ROWS["largest"] <= read <= 3 * ROWS["largest"], rows
        finally:
            await conn.execute("ROLLBACK")


async def test_a_page_deep_in_a_list_begins_where_the_last_one_ended(conn):
    place = await conn.fetchrow(
        "SELECT created_at, memory_id FROM sage.memories WHERE space_id = 'largest'"
        " ORDER BY created_at DESC OFFSET 4000 LIMIT 1"
    )
    for name in ("list_memories", "list_memories_back"):
        root = await plan(conn, query(name), "largest", *place.values(), 20)
        assert rows_read(root, "memories") <= 30, name

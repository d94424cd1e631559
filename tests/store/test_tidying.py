"""A page of a list to look through reads a bounded part of a space, however much that holds."""

from datetime import UTC, datetime

import pytest

from sage.store.named_sql import query
from sage.store.vector_indexes import read_vector_indexes
from tests.store.populated import MODEL, enter, indexes_of, lookups, plan, rows_read

pytestmark = pytest.mark.timeout(300)  # the store is made within the first test
LAST = datetime.max.replace(tzinfo=UTC)


async def test_equal_texts_are_looked_for_in_a_part_of_a_space(conn):
    read = {}
    for space_id in ("small", "largest"):
        await enter(conn, space_id)
        root = await plan(
            conn, query("tidy_duplicates"), space_id, LAST, None, 1_000, 1_000, 10, 20
        )
        read[space_id] = rows_read(root, "memories")
        assert "memories_by_time" in indexes_of(root)
    assert read["largest"] <= 2_000 + 10
    assert lookups(root, "memory_classes") <= 2_000


async def test_equal_texts_are_looked_for_on_both_sides_of_a_place(conn):
    await enter(conn, "largest")
    place = await conn.fetchrow(
        "SELECT created_at, memory_id FROM sage.memories WHERE space_id = 'largest'"
        " ORDER BY created_at DESC OFFSET 4000 LIMIT 1"
    )
    root = await plan(
        conn, query("tidy_duplicates"), "largest", *place.values(), 1_000, 1_000, 10, 20
    )
    assert 3_000 <= rows_read(root, "memories") <= 3_000 + 10


async def test_the_nearest_of_some_are_found_by_the_index_of_a_large_space(conn):
    await enter(conn, "largest")
    assert (await read_vector_indexes(conn)).cover("largest", 1)
    vectors = [
        row["embedding"]
        for row in await conn.fetch(
            "SELECT embedding FROM sage.embeddings WHERE space_id = 'largest' LIMIT 10"
        )
    ]
    root = await plan(
        conn, query("tidy_nearest_indexed"), "largest", 1, vectors, 8, 0.2, MODEL.dimensions
    )
    assert any("hnsw" in name for name in indexes_of(root))
    assert rows_read(root, "embeddings") <= 8 * len(vectors)


async def test_sessions_and_texts_are_walked_over_a_step_at_a_time(conn):
    for space_id in ("small", "largest"):
        await enter(conn, space_id)
        root = await plan(conn, query("tidy_sessions"), space_id, LAST, None, 50)
        assert rows_read(root, "session_days") <= 1_000
        assert rows_read(root, "memories") <= 100
        root = await plan(conn, query("tidy_walk"), space_id, LAST, None, 100)
        assert rows_read(root, "memories") <= 110
        root = await plan(conn, query("tidy_unrecalled"), space_id, LAST, None, 100, LAST)
        assert rows_read(root, "memories") <= 110
        root = await plan(conn, query("tidy_superseded"), space_id, None, 100)
        assert rows_read(root, "memories") == 0

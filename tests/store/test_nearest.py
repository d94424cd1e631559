"""The nearest vectors among what passes filters, and where memories have many vectors."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pgvector import HalfVector

from sage.domain.searching import Filters
from sage.store import nearest as by_vectors
from sage.store.named_sql import query
from sage.store.search import filter_values
from sage.store.vector_indexes import VectorIndexes, read_vector_indexes
from sage.store.vectors import VectorRow, store_vectors
from tests.store.populated import LEFT_OUT, MODEL, indexes_of, nearest, plan, rows_read

pytestmark = pytest.mark.timeout(300)  # the store is made within the first test

LOOSE = {
    "role": {"role": "user"},
    "from a time on": {"after": datetime(2023, 1, 10, tzinfo=UTC)},
    "before a time": {"before": datetime(2023, 1, 15, tzinfo=UTC)},
    "both": {"role": "assistant", "after": datetime(2023, 1, 5, tzinfo=UTC)},
}
SELECTIVE = {
    "session": {"session_id": "session-7"},
    "metadata": {"metadata": {"topic": 7}},
    "time": {
        "after": datetime(2023, 1, 5, tzinfo=UTC),
        "before": datetime(2023, 1, 5, 12, tzinfo=UTC),
    },
    "nobody": {"role": "tool"},
}


@pytest.mark.parametrize(
    "filters", [*LOOSE.values(), *SELECTIVE.values()], ids=[*LOOSE, *SELECTIVE]
)
async def test_the_nearest_that_pass_filters_are_found(conn, points, monkeypatch, filters):
    """By the index, by their keys, or by both when the index gave too few."""
    indexes = await read_vector_indexes(conn)
    for few in (10_000, 300):
        monkeypatch.setattr(by_vectors, "_MAX_BY_KEY_INDEXED", few)
        found, wanted = 0, 0
        for point in points:
            exact = await nearest(conn, "largest", point, VectorIndexes(), **filters)
            got = await nearest(conn, "largest", point, indexes, **filters)
            found += len(set(exact) & set(got))
            wanted += len(exact)
        assert found >= 0.98 * wanted


async def test_what_passes_far_away_from_a_point_is_found_all_the_same(conn, points, monkeypatch):
    """The walk of the index ends before it comes there: what passes is compared after all."""
    monkeypatch.setattr(by_vectors, "_MAX_BY_KEY_INDEXED", 10)
    indexes = await read_vector_indexes(conn)
    await conn.fetchval(
        "SELECT set_config('hnsw.max_scan_tuples', '1', true)"
    )  # since pgvector 0.8
    for topic in range(3):
        filters = {"metadata": {"topic": topic}}
        exact = await nearest(conn, "largest", points[9], VectorIndexes(), 100, **filters)
        assert len(exact) > 10
        assert await nearest(conn, "largest", points[9], indexes, 100, **filters) == exact


@pytest.mark.parametrize("filters", LOOSE.values(), ids=LOOSE)
async def test_a_loose_filter_is_tested_on_the_way_along_the_index(conn, points, filters):
    sql, point = query("search_nearest_filtered"), HalfVector(points[0])
    values = (*filter_values(Filters(**filters)), 300, MODEL.dimensions, LEFT_OUT)
    root = await plan(conn, sql, "largest", 1, point, 100, *values)
    assert any("hnsw" in name for name in indexes_of(root))
    assert rows_read(root, "embeddings") < 3_000


@pytest.mark.parametrize("filters", SELECTIVE.values(), ids=SELECTIVE)
async def test_what_few_memories_pass_is_compared_with_them_alone(conn, points, filters):
    passing = len(await nearest(conn, "largest", points[0], VectorIndexes(), 9_000, **filters))
    assert passing < 300
    values = ("largest", 1, HalfVector(points[0]), 100, *filter_values(Filters(**filters)))
    for length in (MODEL.dimensions, None):
        root = await plan(conn, query("search_nearest_filtered"), *values, 300, length, LEFT_OUT)
        assert rows_read(root, "embeddings") == passing
        if "role" not in filters:
            assert rows_read(root, "memories") <= 3 * passing  # the topic is also that of others


@pytest.mark.parametrize("chunks", [20, 45])
async def test_long_memories_do_not_take_the_places_of_others(big, points, chunks):
    """The chunks of a memory lie close together: the nearest 400 are those of a few memories."""
    space_id = f"long {chunks}"
    rng = np.random.default_rng(chunks)
    async with big.in_space(space_id) as inside:
        await inside.execute("INSERT INTO sage.sessions VALUES ($1, 'one')", space_id)
        await inside.execute(
            "INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at,"
            " lexemes) SELECT $1, gen_random_uuid(), 'one', 'user', 'x', now(), ''"
            " FROM generate_series(1, 120)",
            space_id,
        )
        rows = await inside.fetch(
            "SELECT memory_id FROM sage.memories WHERE space_id = $1", space_id
        )
        centres = rng.normal(size=(len(rows), 1, MODEL.dimensions))
        vectors = centres + 0.1 * rng.normal(size=(len(rows), chunks, MODEL.dimensions))
        await store_vectors(
            inside,
            1,
            [
                VectorRow(space_id, row["memory_id"], chunk, chunk, chunk + 1, vector)
                for row, of_memory in zip(rows, vectors, strict=True)
                for chunk, vector in enumerate(of_memory)
            ],
        )
        found = await nearest(inside, space_id, points[0], VectorIndexes(), 80)
        cosines = vectors @ points[0] / np.linalg.norm(vectors, axis=2)
        best = np.argsort(-cosines.max(axis=1))[:80]
        assert len(set(found) & {rows[place]["memory_id"] for place in best}) >= 79
        await inside.execute("DELETE FROM sage.memories WHERE space_id = $1", space_id)

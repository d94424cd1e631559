"""Vectors that no walk of an index comes to are found all the same."""

from __future__ import annotations

from itertools import combinations

import asyncpg
import numpy as np
import pytest
from pgvector import HalfVector
from pgvector.asyncpg import register_vector

from sage.domain.searching import Filters
from sage.store import nearest as by_vectors
from sage.store import unlinked_vectors
from sage.store.nearest import nearest_candidates
from sage.store.unlinked_vectors import record_unlinked_vectors
from sage.store.vector_indexes import build_vector_indexes, read_vector_indexes

ROWS, LENGTH = 10_000, 128
COLUMNS = ("space_id", "memory_id", "model_id", "chunk", "starts_at", "ends_at", "embedding")


@pytest.fixture
async def sparse(postgres_dsn):
    """Keep vectors that are about equally far from each other: hard to link. No two are equal."""
    places = np.array(list(combinations(range(LENGTH), 3)))
    chosen = np.random.default_rng(7).choice(places, size=ROWS, replace=False)
    vectors = np.full((ROWS, LENGTH), 0.01, dtype=np.float32)
    np.put_along_axis(vectors, chosen, 3, axis=1)
    conn = await asyncpg.connect(postgres_dsn)
    await register_vector(conn)
    await conn.execute(
        "INSERT INTO sage.embedding_models (provider, name, dimensions)"
        " VALUES ('test', 'sparse', 128); INSERT INTO sage.sessions VALUES ('default', 'one');"
        "INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at,"
        " lexemes) SELECT 'default', gen_random_uuid(), 'one', 'user', 'x', now(), ''"
        f" FROM generate_series(1, {ROWS});"
    )
    ids = await conn.fetch("SELECT memory_id FROM sage.memories")
    await conn.copy_records_to_table(
        "embeddings",
        schema_name="sage",
        columns=COLUMNS,
        records=[
            ("default", row["memory_id"], 1, 0, 0, 1, HalfVector(vector))
            for row, vector in zip(ids, vectors, strict=True)
        ],
    )
    yield conn
    await conn.close()


async def unlinked(conn):
    rows = await conn.fetch("SELECT memory_id FROM sage.unlinked_embeddings")
    return [row["memory_id"] for row in rows]


async def nearest(conn, memory_id, **filters):
    """Search for a memory by its own vector."""
    vector = await conn.fetchval(
        "SELECT embedding FROM sage.embeddings WHERE memory_id = $1", memory_id
    )
    (first,) = await nearest_candidates(
        conn,
        space_id="default",
        model_id=1,
        vector=vector.to_numpy(),
        filters=Filters(**filters),
        indexes=await read_vector_indexes(conn),
        limit=1,
    )
    return first


@pytest.mark.timeout(300)
async def test_what_an_index_does_not_lead_to_is_found_all_the_same(sparse, database, monkeypatch):
    """A walk alone never finds such a memory, though the question's vector is its own."""
    monkeypatch.setattr(by_vectors, "_MAX_BY_KEY_INDEXED", 10)
    assert await build_vector_indexes(database, 1) == 1
    ids = await unlinked(sparse)
    async with database.in_space("default") as conn:
        for filters in ({}, {"role": "user"}):
            assert [await nearest(conn, one, **filters) for one in ids] == ids
        await conn.execute("DELETE FROM sage.unlinked_embeddings")
        assert [one for one in ids if await nearest(conn, one) == one] == []
    assert await record_unlinked_vectors(database, 1) == len(ids)
    assert sorted(await unlinked(sparse)) == sorted(ids)


@pytest.mark.timeout(300)
async def test_a_walk_that_is_cut_short_records_nothing(sparse, database, monkeypatch):
    monkeypatch.setitem(unlinked_vectors._ITERATIVE, "hnsw.max_scan_tuples", "100")  # noqa: SLF001
    assert await build_vector_indexes(database, 1) == 1
    assert await unlinked(sparse) == []

"""A store of 20,000 memories in spaces of many sizes, and ways to look at how it is read."""

from __future__ import annotations

import asyncio
import json
import secrets

import numpy as np
import pytest

from sage.domain.embedding import EmbeddingModel
from sage.domain.searching import Filters
from sage.store.connections.pool import open_database
from sage.store.nearest import nearest_candidates
from sage.store.search import filter_values, left_out
from sage.store.vector_indexes import build_vector_indexes
from tests.store.corpus import TOPICS, Corpus, fill
from tests.support.databases import dsn_of

ROWS = {"tiny": 100, "small": 1_000, "large": 6_000, "largest": 9_000}
ROWS |= {f"other {number}": 250 for number in range(16)}
MODEL = EmbeddingModel("test", "made up", 96)
QUESTIONS = 25
NO_FILTER = filter_values(Filters())
LEFT_OUT = left_out(Filters())
_ROWS_FETCHED = """
SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_all_tables WHERE relid = $1::text::regclass
"""


@pytest.fixture(scope="session")
def populated(databases, reached_server, migrated_template):
    """Make a database of 20,000 memories in spaces of many sizes, indexed."""
    name = f"sage_populated_{secrets.token_hex(4)}"
    dsn = dsn_of(reached_server, name)

    async def make():
        await databases.copy(migrated_template, name)
        await fill(dsn, MODEL, ROWS)
        database = await open_database(dsn)
        assert await build_vector_indexes(database, 1) == 2
        await database.close()

    asyncio.run(make())
    yield dsn
    asyncio.run(databases.drop(name))


@pytest.fixture
async def big(populated, opened):
    async with opened(populated) as database:
        yield database


@pytest.fixture
async def conn(big):
    async with big.in_space("largest") as conn:
        yield conn


@pytest.fixture(scope="module")
def points():
    """Give vectors like those of the store, none of which is in it."""
    corpus = Corpus(seed=0)
    prototypes = corpus.random_prototypes(MODEL.dimensions)
    topics = np.arange(QUESTIONS) % TOPICS
    return Corpus(seed=7).vectors(topics, prototypes).astype(np.float32)


async def enter(conn, space_id):
    """Have the transaction see another space."""
    await conn.execute("SELECT set_config('sage.space', $1, true)", space_id)


async def nearest(conn, space_id, point, indexes, limit=10, **filters):
    await enter(conn, space_id)
    return await nearest_candidates(
        conn,
        space_id=space_id,
        model_id=1,
        vector=point,
        filters=Filters(**filters),
        indexes=indexes,
        limit=limit,
    )


async def plan(conn, sql, *values):
    """Explain a query and give the plan as text, without the values of its parameters."""
    rows = await conn.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *values)
    return json.loads(rows[0][0])[0]["Plan"]


def nodes(root):
    yield root
    for child in root.get("Plans", ()):
        yield from nodes(child)


def indexes_of(root):
    return {node["Index Name"] for node in nodes(root) if "Index Name" in node}


def rows_read(root, table):
    """Count the rows of a table that a plan took into its hands, kept or thrown away."""
    return sum(
        node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in nodes(root)
        if node.get("Relation Name") == table
    )


def lookups(root, table):
    """Count how often a plan looked into a table."""
    return sum(node["Actual Loops"] for node in nodes(root) if node.get("Relation Name") == table)


async def fake_statistics(conn, rows, spaces, shares):
    """Have the planner expect so many memories and vectors in so many spaces, of known shares.

    Until the transaction ends, and for plans of functions too, which are made anew.
    """
    await conn.execute(
        "UPDATE pg_statistic SET stadistinct = $1, stakind1 = 1, stakind2 = 0, stakind3 = 0,"
        " stanumbers1 = $2, stavalues1 = array_in($3, 'text'::regtype, -1)"
        " FROM pg_attribute WHERE attrelid = starelid AND attnum = staattnum"
        " AND starelid IN ('sage.memories'::regclass, 'sage.embeddings'::regclass)"
        " AND attname = 'space_id'",
        float(spaces),
        [*shares.values()],
        "{" + ",".join(f'"{space}"' for space in shares) + "}",
    )
    await conn.execute(
        "UPDATE pg_class SET reltuples = $1 WHERE oid IN ("
        "'sage.memories'::regclass, 'sage.embeddings'::regclass, 'sage.memory_classes'::regclass)",
        rows,
    )


async def rows_fetched(conn, table, sql, *values):
    """Count the rows of a table that a query reads, also within functions; it is planned before."""
    name = f"sage.{table}"
    await conn.fetch(sql, *values)
    before = await conn.fetchval(_ROWS_FETCHED, name)
    await conn.fetch(sql, *values)
    return await conn.fetchval(_ROWS_FETCHED, name) - before

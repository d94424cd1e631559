"""A space that was filled since PostgreSQL looked at its tables is read as fast as any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from sage.store.named_sql import query

ROWS = 2_000
FEW = 400
MAX_BLOCKS = 60
"""Of 8 kB, for each memory; what reads the whole space for each needs over 100."""
MAX_BLOCKS_A_WORD = 40
"""Whatever the size of the space: what reads it whole takes one for ten to twenty memories."""
EARLIEST = datetime(1000, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
MAX_PAIRS = 50
FILL = """
INSERT INTO sage.sessions
SELECT {space}, 's' || number FROM generate_series(0, {rows} / 20) AS number;
INSERT INTO sage.memories
    (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT {space}, gen_random_uuid(), 's' || number / 20, 'user', 'x', now(), ''
FROM generate_series(1, {rows}) AS number;
INSERT INTO sage.embeddings
SELECT space_id, memory_id, 1, 0, 0, 1, array_fill(0.5, ARRAY[128])::halfvec
FROM sage.memories WHERE space_id = {space};
INSERT INTO sage.replacements (space_id, memory_id, replaced_id)
SELECT space_id, memory_id, gen_random_uuid() FROM sage.memories WHERE space_id = {space};
SELECT sage.count_sessions({space}, array_agg(session_id), '{{}}')
FROM sage.sessions WHERE space_id = {space};
"""

FILL_WITH_WORDS = """
INSERT INTO sage.sessions VALUES ('new', 's');
INSERT INTO sage.memories
    (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT 'new', gen_random_uuid(), 's', 'user', 'x', now(), array_to_tsvector(ARRAY(
    SELECT 'word' || (number * 31 + place) % 20000 FROM generate_series(1, 30) AS place
))
FROM generate_series(1, {rows}) AS number;
ANALYZE sage.memories;
"""


@pytest.fixture
async def conn(database):
    """Lend a connection to a database that was analyzed before a space was filled."""
    async with database.transaction_across_spaces() as lent:
        await lent.execute(
            "INSERT INTO sage.embedding_models (provider, name, dimensions)"
            " VALUES ('test', 'one', 128), ('test', 'other', 128);"
            " INSERT INTO sage.active_model (model_id) VALUES (2)"
        )
        for number in range(10):
            await lent.execute(filled(f"'other {number}'", FEW))
        await lent.execute("ANALYZE")
        yield lent


def filled(space, rows):
    return FILL.format(space=space, rows=rows)


def compared_in_vain(plan):
    """Count the pairs of rows that joins looked at and that do not belong together."""
    here = plan.get("Rows Removed by Join Filter", 0) * plan["Actual Loops"]
    return here + sum(map(compared_in_vain, plan.get("Plans", ())))


@pytest.mark.parametrize(
    ("name", "arguments", "state"),
    [
        ("space_stats", (), "name = NULL"),
        (
            "list_sessions",
            (EARLIEST, LATEST, None, None, None, LATEST, None, 50, 80),
            "name = NULL",
        ),
        ("restore_memories", ([], "s1", 30), "forgotten_at = now()"),
        ("settle_superseded", ([], "s1"), "superseded_at = now()"),
    ],
)
async def test_no_statement_reads_such_a_space_for_each_memory(conn, name, arguments, state):
    await conn.execute(filled("'new'", ROWS))
    changed = f"session_id = 's1', {state}"
    await conn.execute(f"UPDATE sage.memories SET {changed} WHERE space_id = 'new'")
    explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query(name)}"
    plan = json.loads(await conn.fetchval(explained, "new", *arguments))[0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < MAX_BLOCKS * ROWS
    assert compared_in_vain(plan) < MAX_PAIRS * ROWS


async def test_words_are_looked_up_by_their_index_just_after_a_space_was_filled(database):
    words = [f"word{number}" for number in (1, 3, 141, 592, 653)]
    asked = ("new", words, words, 3, False)
    explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query('search_words')}"
    async with database.transaction_across_spaces() as conn:
        await conn.execute("ALTER TABLE sage.memories SET (autovacuum_enabled = off)")
        await conn.execute(FILL_WITH_WORDS.format(rows=ROWS))
    async with database.in_space("new") as conn:
        for _ in range(2):  # the first reads the catalog, too
            plan = json.loads(await conn.fetchval(explained, *asked))[0]["Plan"]
    blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert blocks < MAX_BLOCKS_A_WORD * len(words)

"""Spaces take turns in the embedding queue, however long the queue of one of them is."""

from __future__ import annotations

import json
from collections import Counter

import asyncpg
import pytest

from sage.store import queue
from sage.store.named_sql import QUERIES
from tests.support.saving import message, save

BACKLOG = 100_000
LIMIT = 16
FILL = """
INSERT INTO sage.sessions VALUES ('large', 'tea');
INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT 'large', gen_random_uuid(), 'tea', 'user', 'green tea', now(), ''
FROM generate_series(1, $rows);
INSERT INTO sage.embedding_queue (space_id, memory_id, due_at)
SELECT space_id, memory_id, now() - random() * interval '1 hour' FROM sage.memories;
"""


async def fill(conn, rows):
    await conn.execute(FILL.replace("$rows", str(rows)))


async def lease(database, limit=LIMIT, turns=None):
    """Lease for a minute; give how many rows of each space were taken."""
    async with database.across_spaces() as conn:
        return Counter(item.space_id for item in await queue.lease_due(conn, limit, 60, turns))


@pytest.fixture
async def driver(postgres_dsn):
    conn = await asyncpg.connect(postgres_dsn)
    yield conn
    await conn.close()


async def test_a_lease_is_shared_evenly_by_the_spaces_that_wait(database, driver):
    await fill(driver, 50)
    for space in ("a", "z"):
        await save(database, [message() for _ in range(20)], space_id=space)
    assert await lease(database, 15) == {"a": 5, "large": 5, "z": 5}


async def test_a_message_said_after_a_long_queue_is_in_the_next_lease(database, driver):
    await fill(driver, 1_000)
    assert await lease(database) == {"large": LIMIT}
    await save(database, [message("new")], space_id="small")
    assert (await lease(database))["small"] == 1


async def test_more_spaces_than_rows_of_a_lease_have_their_turns_one_after_the_other(database):
    spaces = [f"space {number}" for number in range(10)]
    for space in spaces:
        await save(database, [message(), message()], space_id=space)
    turns = queue.RoundRobin()
    taken = [await lease(database, 4, turns) for _ in range(5)]
    assert sum(taken[:3], Counter()) == Counter(spaces) + Counter(spaces[8:])
    assert sum(taken, Counter()) - Counter(spaces) == Counter(spaces)


async def test_turns_go_on_when_no_space_behind_the_last_one_waits(database):
    await save(database, [message()], space_id="a")
    assert await lease(database, 4, queue.RoundRobin("m")) == {"a": 1}


async def test_spaces_with_nothing_due_are_passed_over(database, driver):
    for space in "abc":
        await save(database, [message(), message()], space_id=space)
    await driver.execute("UPDATE sage.embedding_queue SET failed_at = now() WHERE space_id = 'a'")
    await driver.execute("UPDATE sage.embedding_queue SET due_at = 'infinity' WHERE space_id = 'b'")
    assert await lease(database, 4) == {"c": 2}


async def test_a_long_queue_is_not_read_to_take_a_few_of_it(database, driver):
    await fill(driver, BACKLOG)
    for number in range(40):
        await save(database, [message()], space_id=f"small {number}")
    await driver.execute("VACUUM ANALYZE")
    sql = QUERIES["lease_due"]
    rows = await driver.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", LIMIT, 60.0, "")
    nodes = list(_nodes(json.loads(rows[0][0])[0]["Plan"]))
    scans = [node for node in nodes if node.get("Relation Name") == "embedding_queue"]
    read = sum(
        node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in scans
        if node["Node Type"].endswith("Scan")
    )
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert "embedding_queue_turns" in indexes
    assert read <= 4 * LIMIT, rows[0][0]


def _nodes(root):
    yield root
    for child in root.get("Plans", ()):
        yield from _nodes(child)

"""Ids are looked up by a part of them, and spaces counted, in a store of many memories."""

from __future__ import annotations

import pytest

from sage.domain.ids import bounds_of
from sage.store.named_sql import query
from tests.store.populated import ROWS, enter, indexes_of, plan, rows_fetched, rows_read

pytestmark = pytest.mark.timeout(300)  # the store is made within the first test


async def test_a_part_of_an_id_is_looked_up_in_an_index(conn):
    await enter(conn, "largest")
    memory_id = await conn.fetchval("SELECT memory_id FROM sage.memories OFFSET 400 LIMIT 1")
    for part in (memory_id.hex[-8:], memory_id.hex[-5:], memory_id.hex[:-2]):
        values = ([part], *([one] for one in bounds_of(part)), 5)
        found = await conn.fetch(query("find_id_parts"), "largest", *values)
        assert memory_id in [row["memory_id"] for row in found]
        root = await plan(conn, query("find_id_parts"), "largest", *values)
        assert indexes_of(root) == {"memories_pkey", "memories_by_end_of_id"}
        assert rows_read(root, "memories") <= 10


async def test_spaces_are_counted_without_reading_what_they_hold(big):
    async with big.across_spaces() as conn:
        assert await rows_fetched(conn, "memories", query("list_spaces"), None, None, 9) == 0


async def test_a_look_for_large_spaces_reads_no_more_of_each_than_makes_it_large(big):
    """Nor of more spaces than have their turn, of however many."""
    async with big.across_spaces() as conn:
        for most, read in ((4, 2 * 5_001 + 2 * 250), (500, sum(ROWS.values()) - 4_998)):
            values = (1, 5_000, "", most)
            root = await plan(conn, query("walk_large_spaces"), *values)
            assert 0 < rows_read(root, "embeddings") <= read + 2 * len(ROWS), most
            assert indexes_of(root) == {"embeddings_pkey"}

"""Ids are looked up by a part of them, and spaces counted, in a store of many memories."""

from __future__ import annotations

import pytest

from sage.domain.short_ids import bounds_of
from sage.store.named_sql import query
from tests.store.populated import enter, indexes_of, plan, rows_fetched, rows_read

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

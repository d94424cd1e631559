"""When the statistics of the planner are made anew."""

from __future__ import annotations

from sage.store.planner_statistics import refresh_planner_statistics

_ADD = """
INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at, lexemes)
SELECT 'default', gen_random_uuid(), 'one', 'user', 'a', now(), 'a:1' FROM generate_series(1, $1)
"""
_ROWS = "SELECT reltuples FROM pg_class WHERE oid = 'sage.memories'::regclass"


async def test_a_table_is_analyzed_again_once_it_is_a_quarter_larger(database):
    async with database.across_spaces() as conn:
        await conn.execute("INSERT INTO sage.sessions VALUES ('default', 'one')")
        rows = []
        for added in (1_000, 10, 1_000):
            await conn.execute(_ADD, added)
            await refresh_planner_statistics(database)
            rows.append(await conn.fetchval(_ROWS))
    assert rows == [1_000, 1_000, 2_010]


async def test_a_table_analyzed_before_its_first_rows_were_committed_is_analyzed_again(database):
    async with database.across_spaces() as conn, database.across_spaces() as other:
        await conn.execute("INSERT INTO sage.sessions VALUES ('default', 'one')")
        await conn.execute("BEGIN")
        await conn.execute(_ADD, 1_000)
        await other.execute("ANALYZE sage.memories")
        assert await other.fetchval(_ROWS) == 0
        await conn.execute("COMMIT")
        await refresh_planner_statistics(database)
        assert await conn.fetchval(_ROWS) == 1_000

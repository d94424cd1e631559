from __future__ import annotations


async def test_a_migrated_database_answers(database):
    async with database.connection() as conn:
        assert await conn.fetchval("SELECT count(*) FROM memories") == 0

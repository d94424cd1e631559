"""Searches are planned for what a store holds as soon as it was filled."""

import asyncio
from contextlib import asynccontextmanager, suppress

ANALYZED = """
SELECT DISTINCT tablename FROM pg_stats JOIN pg_tables USING (schemaname, tablename)
WHERE schemaname = 'sage' ORDER BY 1
"""
KEPT = "SELECT count(*) FROM sage.embeddings"


@asynccontextmanager
async def working(indexer):
    task = asyncio.create_task(indexer.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(rig, statement, expected):
    async with rig.database.across_spaces() as conn, asyncio.timeout(20):
        while [row[0] for row in await conn.fetch(statement)] != expected:
            await asyncio.sleep(0.05)


async def without_autovacuum(rig):
    """Leave the tables to Sage. Something was saved before: their rights are granted by then."""
    async with rig.database.across_spaces() as conn:
        for table in ("memories", "embeddings", "memory_classes"):
            await conn.execute(f"ALTER TABLE sage.{table} SET (autovacuum_enabled = false)")


async def test_a_store_that_was_filled_is_analyzed_once_all_has_its_vector(rig):
    await rig.save(*(f"cup number {number} of tea" for number in range(150)))
    await without_autovacuum(rig)
    async with working(rig.indexer):
        await until(rig, ANALYZED, ["embeddings", "memories", "memory_classes"])


async def test_a_few_memories_are_left_to_autovacuum(rig):
    await rig.save(*(f"cup number {number} of tea" for number in range(60)))
    await without_autovacuum(rig)
    async with working(rig.indexer):
        await until(rig, KEPT, [60])
        await asyncio.sleep(0.5)
        async with rig.database.across_spaces() as conn:
            assert await conn.fetch(ANALYZED) == []


async def test_an_index_under_construction_keeps_no_memory_from_its_vector(rig):
    """The lock that building an index holds for minutes is the one that ANALYZE takes."""
    await rig.save(*(f"cup number {number} of tea" for number in range(150)))
    await without_autovacuum(rig)
    async with rig.database.transaction_across_spaces() as building, working(rig.indexer):
        await building.execute("LOCK TABLE sage.embeddings IN SHARE UPDATE EXCLUSIVE MODE")
        await until(rig, KEPT, [150])
        await asyncio.sleep(0.5)
        await rig.save("one more cup of tea")
        async with asyncio.timeout(3):
            await until(rig, KEPT, [151])
        await until(rig, ANALYZED, ["memories", "memory_classes"])

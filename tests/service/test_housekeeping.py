import asyncio
from contextlib import suppress

from sage.domain.memories import ForgetRequest
from sage.service.housekeeping import keep_house

AGE = """
UPDATE sage.memories SET forgotten_at = now() - interval '31 days' WHERE forgotten_at IS NOT NULL
"""
COUNT = "SELECT count(*) FROM sage.memories"


async def test_what_was_forgotten_over_thirty_days_ago_is_deleted_and_nothing_else(rig):
    old = await rig.save("forgotten long ago")
    await rig.memory.forget(ForgetRequest(old.memory_ids))
    async with rig.database.across_spaces() as conn:
        await conn.execute(AGE)
    fresh = await rig.save("forgotten today", "kept")
    await rig.memory.forget(ForgetRequest(fresh.memory_ids[:1]))
    keeping = asyncio.create_task(keep_house(rig.database))
    try:
        async with asyncio.timeout(20), rig.database.across_spaces() as conn:
            while await conn.fetchval(COUNT) != 2:
                await asyncio.sleep(0.02)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
    again = await rig.memory.forget(ForgetRequest(fresh.memory_ids[:1], undo=True))
    assert again.restored == 1

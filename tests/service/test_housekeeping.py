import asyncio
import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sage.domain.memories import ForgetRequest
from sage.service.housekeeping import purge_periodically, trim_heap

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
    keeping = asyncio.create_task(purge_periodically(rig.database))
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


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is asked")
async def test_memory_that_is_free_is_returned_to_the_system():
    def own_mb():
        found = re.search("Anonymous: *(\\d+)", Path("/proc/self/smaps_rollup").read_text())
        return int(found[1]) / 1024

    pieces = [bytes(2_000 + number % 2) for number in range(50_000)]
    above = bytes(2_000)  # what is below this cannot be returned by lowering the heap's end
    held = own_mb()
    del pieces
    keeping = asyncio.create_task(trim_heap(every_s=0.01))
    try:
        async with asyncio.timeout(20):
            while held - own_mb() < 50:
                await asyncio.sleep(0.02)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
    assert above

"""End a task, and not lose that the caller is to end itself meanwhile."""

from __future__ import annotations

import asyncio


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end. Raises what it raised, but for its cancellation."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()

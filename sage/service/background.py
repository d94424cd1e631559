"""Background work that runs while the services are open, and is restarted when it fails."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from sage.local.postgres import EmbeddedPostgres

_CHECK_INTERVAL_S = 0.5
_RESTART_DELAY_S = 1.0

log = get_logger(__name__)


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait for its end. Raises what the task raised, except its cancellation."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


@asynccontextmanager
async def running(works: Iterable[Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    """Run works while the block runs; its end cancels all at once and waits until all have ended.

    A work that fails is logged and restarted.
    """
    tasks = [asyncio.create_task(_restarted(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def supervise_postgres(postgres: EmbeddedPostgres) -> None:
    """Restart the embedded Postgres whenever it has died."""
    while True:
        await asyncio.sleep(_CHECK_INTERVAL_S)
        try:
            await asyncio.to_thread(postgres.ensure_running)
        except SageError as error:
            log.warning("embedded_postgres_down", reason=error.message, detail=error.detail)


async def _restarted(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            log.exception("background_work_failed")
        await asyncio.sleep(_RESTART_DELAY_S)

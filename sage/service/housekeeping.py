"""Background maintenance: purges forgotten and expired memories, and trims the heap."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.providers.e5.allocator import return_freed_memory
from sage.service.erasure.retention import delete_aged
from sage.store.memories import purge_expired
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from sage.store.connections.pool import Database

_EVERY_S = 6 * 3600.0
_RETRY_S = 600.0
_TRIM_EVERY_S = 60.0

log = get_logger(__name__)


async def purge_periodically(database: Database) -> None:
    """Purge at start and every six hours, until cancelled; a failure is tried again later."""
    while True:
        try:
            async with database.across_spaces() as conn:
                purged = await purge_expired(conn)
            aged = await delete_aged(database)
        except SageError as error:
            log.warning("purge_failed", reason=error.message, retry_in_s=_RETRY_S)
            await asyncio.sleep(_RETRY_S)
        else:
            if purged:
                log.info("purged", memories=purged)
            if aged:
                log.info("retention_deleted", memories=aged)
            await asyncio.sleep(_EVERY_S)


async def trim_heap(every_s: float = _TRIM_EVERY_S) -> None:
    """Return freed memory to the system, once a minute until cancelled.

    Otherwise the allocator holds 2 MB after a start, and 6 MB after concurrent searches.
    """
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(return_freed_memory)

"""What is done in the background: letting go of what is forgotten or too old, indexes, memory."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.providers.e5.allocator import return_freed_memory
from sage.service.erasure.retention import delete_aged
from sage.store.memories import purge_expired
from sage.store.unlinked_vectors import record_unlinked_vectors
from sage.store.vector_indexes import build_vector_indexes
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from sage.service.schema_gate import SchemaGate
    from sage.store.connections.pool import Database

_EVERY_S = 6 * 3600.0
_AGAIN_S = 600.0
_INDEXES_EVERY_S = 60.0
_MEMORY_EVERY_S = 60.0

log = get_logger(__name__)


async def keep_house(database: Database) -> None:
    """Purge at start and every six hours, until cancelled; a failure is tried again later."""
    while True:
        try:
            async with database.across_spaces() as conn:
                purged = await purge_expired(conn)
            aged = await delete_aged(database)
        except SageError as error:
            log.warning("purge_postponed", reason=error.message)
            await asyncio.sleep(_AGAIN_S)
        else:
            if purged:
                log.info("purged", memories=purged)
            if aged:
                log.info("aged_deleted", memories=aged)
            await asyncio.sleep(_EVERY_S)


async def keep_indexes(schema_gate: SchemaGate) -> None:
    """Build an index for every space that has grown large; look once a minute until cancelled.

    Every six hours the vectors are recorded that the indexes do not lead to.
    """
    walked_at = time.monotonic()
    while True:
        try:
            handle = await schema_gate.active_model()
            built = await build_vector_indexes(schema_gate.database, handle.model_id)
            if time.monotonic() - walked_at > _EVERY_S:
                walked_at = time.monotonic()
                count = await record_unlinked_vectors(schema_gate.database, handle.model_id)
                log.info("unlinked_vectors_recorded", vectors=count)
        except SageError as error:
            log.warning("indexes_postponed", reason=error.message)
        else:
            if built:
                log.info("vector_indexes_built", indexes=built)
        await asyncio.sleep(_INDEXES_EVERY_S)


async def keep_memory(every_s: float = _MEMORY_EVERY_S) -> None:
    """Return memory that is free to the system, once a minute until cancelled.

    The allocator keeps 2 MB that a start leaves, and 6 of searches at once.
    """
    while True:
        await asyncio.sleep(every_s)
        await asyncio.to_thread(return_freed_memory)

"""Lets go for good of what was forgotten longer ago than it can be brought back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.logs import get_logger
from sage.store.memories import purge_expired

if TYPE_CHECKING:
    from sage.service.preparing import Preparation
    from sage.store.pool import Database

_EVERY_S = 6 * 3600.0
_AGAIN_S = 600.0

log = get_logger(__name__)


async def keep_house(database: Database, preparation: Preparation) -> None:
    """Purge at start and every six hours, until cancelled; a failure is tried again later."""
    while True:
        try:
            await preparation.finished()
            async with database.connection() as conn:
                purged = await purge_expired(conn)
        except SageError as error:
            log.warning("purge_postponed", reason=error.message)
            await asyncio.sleep(_AGAIN_S)
        else:
            if purged:
                log.info("purged", memories=purged)
            await asyncio.sleep(_EVERY_S)

"""When the newest backup of a database was made: kept in it, for everyone who uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sage.errors import StoreError
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from datetime import datetime

    from sage.store.connections.pool import Database

_READ_LAST_BACKUP = query("read_last_backup")
_RECORD_BACKUP = query("record_backup")

log = get_logger(__name__)


async def read_last_backup(database: Database) -> datetime | None:
    """Return when the newest backup was made; None when there is none. Raises StoreError."""
    async with database.across_spaces() as conn:
        return cast("datetime | None", await conn.fetchval(_READ_LAST_BACKUP))


async def record_backup(database: Database, at: datetime) -> None:
    """Record that a backup was made and verified `at` an aware time. Raises StoreError."""
    async with database.across_spaces() as conn:
        await conn.execute(_RECORD_BACKUP, at)


async def try_to_record(database: Database, at: datetime) -> None:
    """Record a backup; it is as good where that fails, as on a server that is only read."""
    try:
        await record_backup(database, at)
    except StoreError as error:
        log.warning("backup_not_recorded", reason=error.message, detail=error.detail)

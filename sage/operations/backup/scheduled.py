"""Scheduled backups, each made by one of the running processes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.errors import BackupError, SageError, SchemaError, StoreUnavailableError
from sage.operations.backup.inventory import (
    backup_folder,
    delete_old_backups,
    place_for_backup,
    read_last_backup,
    record_backup,
)
from sage.operations.backup.making import make_backup
from sage.operations.backup.progress import unseen
from sage.store.long_lock import long_lock
from sage.store.migrate import require_schema
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.schedule import Schedule
    from sage.operations.backup.making import Backup
    from sage.store.connections.pool import Database

_TRY_LOCK = query("try_lock_scheduled_backup")
_CHECK_EVERY_S = 15.0
_RETRY_S = 600.0

log = get_logger(__name__)


async def back_up_on_schedule(database: Database, settings: Settings) -> None:
    """Make a backup whenever one is due, until cancelled; retry a failure after 10 min.

    All processes on a database may call this, also on several machines: one of them makes the
    backup. A database that is down or not set up yet is checked again soon. Raises BackupError if
    nothing is scheduled.
    """
    schedule = settings.backup.schedule
    if schedule is None:
        raise BackupError(
            "no backups are scheduled", hint="set SAGE_BACKUP_SCHEDULE, such as 03:30"
        )
    log.info("backups_scheduled", schedule=schedule.text, directory=str(backup_folder(settings)))
    while True:
        try:
            if await _is_due(database, settings, schedule):
                await _make_one(database, settings, schedule)
        except (StoreUnavailableError, SchemaError) as error:
            log.warning(
                "backup_check_failed",
                reason=error.message,
                hint=error.hint,
                retry_in_s=_CHECK_EVERY_S,
            )
        except (SageError, OSError) as error:
            reason = error.message if isinstance(error, SageError) else str(error)
            detail = error.detail if isinstance(error, SageError) else ""
            hint = error.hint if isinstance(error, SageError) else ""
            log.error(  # noqa: TRY400 - expected
                "backup_failed",
                reason=reason,
                detail=detail,
                hint=hint,
                retry_in_s=_RETRY_S,
            )
            await asyncio.sleep(_RETRY_S)
        await asyncio.sleep(_CHECK_EVERY_S)


async def _make_one(database: Database, settings: Settings, schedule: Schedule) -> None:
    """Make a backup unless another process is making it, or has just made it."""
    async with long_lock(database, _TRY_LOCK) as is_mine:
        if is_mine and await _is_due(database, settings, schedule):
            await _make(database, settings)


async def _make(database: Database, settings: Settings) -> None:
    folder = backup_folder(settings)
    made = await make_backup(database, place_for_backup(folder), unseen)
    await record_backup(database, made.manifest.created_at)
    log.info("backed_up", file=str(made.path), size_bytes=made.size_bytes)
    _delete_old(made, settings)


def _delete_old(made: Backup, settings: Settings) -> None:
    folder, since = made.path.parent, made.manifest.origin.database_since
    for path in delete_old_backups(folder, settings.backup.keep, since):
        log.info("old_backup_deleted", file=str(path))


async def _is_due(database: Database, settings: Settings, schedule: Schedule) -> bool:
    await require_schema(database)
    last = await read_last_backup(database)
    return schedule.due_at(last, settings.timezone) <= datetime.now(UTC)

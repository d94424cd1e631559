"""Upgrade a database to the schema of this release, after a backup if it has contents."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage import __version__
from sage.domain.text.wording import counted
from sage.errors import BackupError, BackupToolsError, SageError, StoreUnavailableError
from sage.local.data_dir.locks import FileLock
from sage.local.data_dir.upgrade_record import UpgradeRecord, read_upgrade, write_upgrade
from sage.operations.backup.inventory import (
    BEFORE_UPGRADE,
    backup_folder,
    delete_old_backups,
    place_for_backup,
)
from sage.operations.backup.making import make_backup
from sage.operations.backup.progress import unseen
from sage.operations.backup.tools import suitable_tools
from sage.phrases import phrase
from sage.store.migrate import migrate, migration_status, newest_version
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sage.config.settings import Settings
    from sage.operations.backup.progress import ProgressStep
    from sage.store.connections.pool import Database
    from sage.store.migrate import Migration, MigrationStatus

_KEPT_BACKUPS = 2
_POLL_S = 0.5

log = get_logger(__name__)


async def bring_up_to_date(
    database: Database,
    settings: Settings,
    *,
    report: Callable[[str], None] = lambda _: None,
    step: ProgressStep = unseen,
    backs_up: bool = True,
) -> tuple[Migration, ...]:
    """Apply the missing migrations; return them. `report` is called for steps that take long.

    A database of an earlier release is backed up first, unless this machine has no pg_dump; two of
    these backups remain. The upgrade is recorded in the data directory. Raises SchemaError,
    BackupError if the backup fails, StoreError.
    """
    if (await migration_status(database)).current:
        applied = await migrate(database)
    else:
        async with _turn(settings.data_dir):  # what another process creates is no upgrade
            status = await migration_status(database)
            if _is_upgrade(status):
                return await _upgrade(
                    database, settings, status, report, step if backs_up else None
                )
            applied = await migrate(database)
    last = read_upgrade(settings.data_dir)
    if last is None or last.release != __version__:
        before = last.release if last else ""
        write_upgrade(settings.data_dir, UpgradeRecord(__version__, time.time(), before))
    return applied


def _is_upgrade(status: MigrationStatus) -> bool:
    return bool(status.problem is None and status.applied and status.pending)


@asynccontextmanager
async def _turn(data_dir: Path) -> AsyncIterator[None]:
    """Wait until no other process of the data directory upgrades."""
    try:
        lock = FileLock(data_dir / "upgrade.lock")
    except (OSError, SageError):  # nothing can be written there, and migrations take turns anyway
        yield
        return
    with lock:
        while not lock.try_exclude():  # noqa: ASYNC110 - another process has it
            await asyncio.sleep(_POLL_S)
        yield


async def _upgrade(
    database: Database,
    settings: Settings,
    status: MigrationStatus,
    report: Callable[[str], None],
    step: ProgressStep | None,
) -> tuple[Migration, ...]:
    backup, lack = "", phrase("disabled by --no-backup")
    if step is not None:
        report(phrase("the database is being backed up before the upgrade"))
        backup, lack = await _back_up(database, settings, step)
    count = counted(len(status.pending), "migration", "migrations")
    report(phrase("the database is being upgraded: {count}", count=count))
    applied = await migrate(database)
    last = read_upgrade(settings.data_dir)
    record = UpgradeRecord(
        release=__version__,
        at=time.time(),
        before=last.release if last else "",
        migrations=len(applied),
        schema_before=status.version,
        schema_after=newest_version(),
        backup=backup,
        no_backup="" if backup else lack,
    )
    write_upgrade(settings.data_dir, record)
    log.info("upgraded", versions=record.text, backup=backup, no_backup=record.no_backup)
    return applied


async def _back_up(database: Database, settings: Settings, step: ProgressStep) -> tuple[str, str]:
    """Return the file of a backup, or why this machine can make none. Raises BackupError."""
    folder = backup_folder(settings)
    try:
        async with suitable_tools(database):
            pass  # without them nothing is to be written
        made = await make_backup(database, place_for_backup(folder, BEFORE_UPGRADE), step)
        since = made.manifest.origin.database_since
        delete_old_backups(folder, _KEPT_BACKUPS, since, kind=BEFORE_UPGRADE)
    except StoreUnavailableError:
        raise
    except BackupToolsError as error:
        log.warning("no_backup_before_upgrade", reason=error.message, hint=error.hint)
        return "", error.message
    except SageError as error:
        raise BackupError(
            phrase("no backup could be made before the upgrade: {message}", message=error.message),
            detail=error.detail,
            hint=phrase(
                "{hint}; or upgrade without one: `sage migrate up --no-backup`, then start",
                hint=error.hint,
            ),
        ) from error
    return str(made.path), ""

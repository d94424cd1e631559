"""The backups of a Sage: the last, the next, and those in the folder."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.domain.upkeep import BackupFile, BackupKind, Backups
from sage.operations.backup.folder import BEFORE_UPGRADE, backup_folder, list_backups
from sage.operations.backup.last_backup import read_last_backup

if TYPE_CHECKING:
    from pathlib import Path

    from sage.config.settings import Settings
    from sage.store.connections.pool import Database

_KINDS = {"": BackupKind.USUAL, BEFORE_UPGRADE: BackupKind.BEFORE_UPGRADE}


async def read_backups(database: Database, settings: Settings) -> Backups:
    """Return what is known of backups. Raises StoreError."""
    last, schedule = await read_last_backup(database), settings.backup.schedule
    due_at = None if schedule is None or last is None else schedule.due_at(last, settings.timezone)
    return Backups(
        last_at=last,
        schedule=None if schedule is None else schedule.text,
        due_at=due_at,
        keep=settings.backup.keep,
        backups=await asyncio.to_thread(_files, backup_folder(settings)),
    )


def _files(folder: Path) -> tuple[BackupFile, ...]:
    found = []
    with suppress(OSError):
        for kept in list_backups(folder):
            with suppress(FileNotFoundError):  # deleted meanwhile, since there are newer ones
                size = kept.path.stat().st_size
                found.append(BackupFile(kept.path.name, kept.made_at, size, _KINDS[kept.kind]))
    return tuple(found)

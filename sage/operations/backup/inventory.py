"""The backups of a Sage: the time of the last, the time of the next, and those in the directory.

The database stores the time of the newest for all its processes.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, cast

from sage.clients.data_dir.files import make_folder, remove_file
from sage.domain.upkeep import BackupFile, BackupKind, Backups
from sage.errors import BackupError, StoreError
from sage.operations.backup.checking import opened_archive
from sage.phrases import phrase
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from pathlib import Path

    from sage.config.settings import Settings
    from sage.store.connections.pool import Database

_NAME = re.compile(r"sage-(\d{8}T\d{6}Z)(-before-upgrade)?\.backup")
BEFORE_UPGRADE = "-before-upgrade"
"""The suffix of the name of a backup made before an upgrade."""
_STAMP = "%Y%m%dT%H%M%SZ"
_KINDS = {"": BackupKind.USUAL, BEFORE_UPGRADE: BackupKind.BEFORE_UPGRADE}

_READ_LAST_BACKUP = query("read_last_backup")
_RECORD_BACKUP = query("record_backup")

log = get_logger(__name__)


async def read_backups(database: Database, settings: Settings) -> Backups:
    """Return the state of backups. Raises StoreError."""
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


class KeptBackup(NamedTuple):
    """A file with the name of a backup, and the time in its name."""

    made_at: datetime
    path: Path
    kind: str


def backup_folder(settings: Settings) -> Path:
    """Return the directory for backups: the one that is set, else one in the data directory."""
    return settings.backup.folder or settings.data_dir / "backups"


def place_for_backup(folder: Path, kind: str = "") -> Path:
    """Return the path of a backup made now; create the directory if it is missing.

    `kind` ends its name. If a backup of this second exists, the path has the next second. Raises
    BackupError.
    """
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_folder(folder)
    except OSError as error:
        raise BackupError(
            phrase(
                "the directory {directory} cannot be created: {reason}",
                directory=folder,
                reason=error.strerror or error,
            ),
            hint="check the permissions of the directory above it, or choose another with --to",
        ) from error
    made_at = datetime.now(UTC)
    while (place := folder / f"sage-{made_at.strftime(_STAMP)}{kind}.backup").exists():
        made_at += timedelta(seconds=1)
    return place


def list_backups(folder: Path) -> list[KeptBackup]:
    """List files with names of backups, newest first; empty if the directory is missing."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if match := _NAME.fullmatch(path.name):
            made_at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
            found.append(KeptBackup(made_at, path, match[2] or ""))
    return sorted(found, reverse=True)


def backups_of(folder: Path, database_since: datetime) -> list[Path]:
    """List the backups of one database, newest first, by their manifests."""
    return [kept.path for kept in list_backups(folder) if _is_of(kept.path, database_since)]


def delete_old_backups(
    folder: Path, keep: int, database_since: datetime, kind: str = ""
) -> list[Path]:
    """Delete all but the newest `keep` backups of one database and kind; return those deleted.

    Only files that Sage named and whose manifest names that database count. Raises BackupError.
    """
    own = [
        kept.path
        for kept in list_backups(folder)
        if kept.kind == kind and _is_of(kept.path, database_since)
    ]
    try:
        for path in own[keep:]:
            remove_file(path)
    except OSError as error:
        raise BackupError(
            phrase("an old backup could not be deleted: {reason}", reason=error.strerror or error),
            detail="the new backup was made",
            hint=phrase("check who owns {directory}", directory=folder),
        ) from error
    return own[keep:]


def _is_of(path: Path, database_since: datetime) -> bool:
    try:
        with opened_archive(path) as archive:
            return archive.manifest().origin.database_since == database_since
    except BackupError:
        return False


async def read_last_backup(database: Database) -> datetime | None:
    """Return when the newest backup was made; None without any. Raises StoreError."""
    async with database.across_spaces() as conn:
        return cast("datetime | None", await conn.fetchval(_READ_LAST_BACKUP))


async def record_backup(database: Database, at: datetime) -> None:
    """Record that a verified backup was made `at` an aware time. Raises StoreError."""
    async with database.across_spaces() as conn:
        await conn.execute(_RECORD_BACKUP, at)


async def try_to_record(database: Database, at: datetime) -> None:
    """Record a backup; ignore a failure, for example on a read-only server."""
    try:
        await record_backup(database, at)
    except StoreError as error:
        log.warning("backup_not_recorded", reason=error.message, detail=error.detail)

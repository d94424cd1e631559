"""Where erased data still is: files of which the database knows nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.operations.backup.folder import backup_folder, backups_of
from sage.operations.backup.manifest import read_origin
from sage.store.named_sql import query

if TYPE_CHECKING:
    from pathlib import Path

    from sage.config.settings import Settings
    from sage.store.connections.connection import Connection

_ARCHIVES_ITS_LOG = query("archives_its_log")
_BACKUP_ORIGIN = query("backup_origin")
_OLD_DATABASES = "postgres-[0-9]*"


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Files made before an erasure, and whether the server archives its log somewhere."""

    backups: tuple[Path, ...]
    old_databases: tuple[Path, ...]
    archives_log: bool


async def find_leftovers(conn: Connection, settings: Settings) -> Leftovers:
    """Find the backups of this database in its folder, and what upgrades of PostgreSQL left.

    Raises StoreError.
    """
    origin = read_origin(await conn.fetchval(_BACKUP_ORIGIN))
    return Leftovers(
        tuple(backups_of(backup_folder(settings), origin.database_since)),
        tuple(sorted(settings.data_dir.glob(_OLD_DATABASES))),
        bool(await conn.fetchval(_ARCHIVES_ITS_LOG)),
    )

"""Upgrade the embedded database to the major version of PostgreSQL that comes with Sage.

The old server is started once more to be backed up. The backup is restored into a new database
beside it and compared, and the two are exchanged at the end: until then a failure leaves the old
one unchanged.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import open_folder
from sage.errors import BackupError
from sage.local.data_dir.instance import Instance
from sage.local.postgres import EmbeddedPostgres
from sage.local.postgres.binaries import find_binaries
from sage.local.postgres.cluster import FOLDER, UNFINISHED, UPGRADE, major_on_disk
from sage.operations.backup.checking import check_archive, opened_archive
from sage.operations.backup.inventory import place_for_backup
from sage.operations.backup.making import make_backup
from sage.operations.backup.restoring import restore_backup
from sage.phrases import phrase
from sage.store.connections.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sage.operations.backup.progress import ProgressStep
    from sage.operations.backup.restoring import Restored
    from sage.store.connections.pool import Database


@dataclass(frozen=True, slots=True)
class Upgraded:
    """The result of an upgrade: the versions, the old files, the backup, and the comparison."""

    before: str
    after: str
    old_files: Path
    backup: Path
    restored: Restored


async def upgrade_database(
    data_dir: Path, programs: Path, backups: Path, step: ProgressStep
) -> Upgraded | None:
    """Upgrade the database of a data directory, with `programs` of the version that made it.

    Return None if only an earlier upgrade had to be finished. The backup is written to the
    directory `backups`. Raises BackupError, also while Sage runs, StartupError, StoreError.
    """
    claim = Instance(data_dir).claim()
    if claim is None:
        raise BackupError("Sage is running", hint="stop it first, with `sage down` for example")
    with claim:
        if _end_interrupted(data_dir):
            return None
        before, after = _versions(data_dir, programs)
        old, new = EmbeddedPostgres(data_dir, programs), EmbeddedPostgres(data_dir / UPGRADE)
        async with _running(old) as database:
            made = await make_backup(database, place_for_backup(backups), step)
        if (data_dir / FOLDER / "postmaster.pid").exists():
            raise BackupError(
                "another process of Sage uses the database",
                detail="nothing was changed",
                hint="stop it, and try again",
            )
        try:
            with opened_archive(made.path) as archive:
                manifest = await check_archive(archive, step)
                async with _running(new) as database:
                    restored = await restore_backup(
                        database, archive, manifest, step, replace=False
                    )
        except BaseException:
            _remove_unfinished(data_dir)
            raise
        old_files = data_dir / f"{FOLDER}-{before}"
        _exchange(data_dir, old_files)
        return Upgraded(before, after, old_files, made.path, restored)


@asynccontextmanager
async def _running(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    try:
        database = await open_database(await asyncio.to_thread(postgres.start))
        try:
            yield database
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(postgres.stop)


def _versions(data_dir: Path, programs: Path) -> tuple[str, str]:
    before, after = major_on_disk(data_dir / FOLDER), find_binaries().major
    if before is None:
        raise BackupError(
            phrase("there is no database in {directory}", directory=data_dir),
            hint="check SAGE_DATA_DIR",
        )
    if before == after:
        raise BackupError(
            phrase(
                "the database in {directory} already uses PostgreSQL {after}",
                directory=data_dir,
                after=after,
            ),
            hint="start Sage as usual: no upgrade is needed",
        )
    given = find_binaries(root=programs).version
    if given.partition(".")[0] != before:
        raise BackupError(
            phrase(
                "{programs} contains PostgreSQL {given}, and the database was created by {before}",
                programs=programs,
                given=given,
                before=before,
            ),
            detail="nothing was changed",
            hint=phrase(
                "pass the directory with the programs of PostgreSQL {before}: see docs/backup.md",
                before=before,
            ),
        )
    if (old_files := data_dir / f"{FOLDER}-{before}").exists():
        raise BackupError(
            phrase("{old_files} already exists", old_files=old_files),
            hint="it is left over from an earlier upgrade: move it away",
        )
    return before, after


def _end_interrupted(data_dir: Path) -> bool:
    """Finish an upgrade that was killed while exchanging files, else remove its new files."""
    new_files = data_dir / UPGRADE / FOLDER
    if (data_dir / FOLDER).exists() or not new_files.exists():
        _remove_unfinished(data_dir)
        return False
    _rename(data_dir, f"{UPGRADE}/{FOLDER}", FOLDER)
    _remove_unfinished(data_dir)
    return True


def _exchange(data_dir: Path, old_files: Path) -> None:
    """Exchange the two databases. Between the two steps Sage refuses to start."""
    _rename(data_dir, FOLDER, old_files.name)
    _rename(data_dir, f"{UPGRADE}/{FOLDER}", FOLDER)
    _remove_unfinished(data_dir)


def _rename(data_dir: Path, before: str, after: str) -> None:
    with open_folder(data_dir) as folder:
        os.rename(before, after, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def _remove_unfinished(data_dir: Path) -> None:
    """Remove the directory of a killed upgrade, and stop the server in it.

    The `initdb` of a killed process may still add files: the directory is renamed out of the way,
    and its remains are removed at the next start.
    """
    if (data_dir / UPGRADE).is_dir():
        EmbeddedPostgres(data_dir / UPGRADE).end_abandoned()
        removed = f"{UNFINISHED}{secrets.token_hex(4)}"
        _rename(data_dir, UPGRADE, removed)
        shutil.rmtree(data_dir / removed, ignore_errors=True)

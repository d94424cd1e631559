"""Check the file of a backup before it is used."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sage.errors import BackupError
from sage.operations.backup.archive import Archive
from sage.operations.backup.foreign_objects import find_foreign_objects
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.operations.backup.manifest import Manifest
    from sage.operations.backup.progress import ProgressStep
    from sage.operations.backup.tools import Tools


@contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """Open the file of a backup for the length of a block. Raises BackupError."""
    try:
        with path.open("rb") as file:
            yield Archive(file, path)
    except OSError as error:
        raise BackupError(
            phrase("{path} cannot be read: {reason}", path=path, reason=error.strerror or error),
            hint="check its name and permissions",
        ) from error


async def check_archive(archive: Archive, step: ProgressStep) -> Manifest:
    """Read the manifest and compare the dump with it; return the manifest.

    Raises BackupError if the file is truncated, changed, or made by a newer release.
    """
    manifest = await asyncio.to_thread(archive.manifest)
    with step("checking the dump, bytes", manifest.dump_bytes) as progress:
        pieces = archive.check_dump(manifest)
        while done := await asyncio.to_thread(next, pieces, 0):
            progress.advance(done)
    return manifest


async def check_dump(archive: Archive, manifest: Manifest, tools: Tools) -> list[str]:
    """Check that pg_restore can read the dump and finds every table in it.

    Return the names of objects in it that Sage does not create. Raises BackupError.
    """
    tables, foreign = await find_foreign_objects(archive, tools)
    if missing := sorted({table.name for table in manifest.contents.tables} - set(tables)):
        raise BackupError(
            phrase(
                "the dump in {path} lacks tables: {missing}",
                path=archive.path,
                missing=list(missing),
            ),
            hint="restore another backup, and please report this",
        )
    return foreign


async def refuse_foreign_objects(archive: Archive, manifest: Manifest, tools: Tools) -> None:
    """Raise BackupError for a dump that fails `check_dump`, or has objects other than Sage's."""
    if foreign := await check_dump(archive, manifest, tools):
        raise BackupError(
            phrase(
                "{path} contains objects that no release of Sage creates: {foreign}",
                path=archive.path,
                foreign=list(foreign),
            ),
            detail="nothing was changed, and no code from it was run",
            hint="this backup was not made by Sage: do not trust the file",
        )

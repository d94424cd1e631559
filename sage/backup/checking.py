"""Check the file of a backup before anything is done with it."""

from __future__ import annotations

import asyncio
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sage.backup.archive import Archive
from sage.backup.pg_restore import pg_restore
from sage.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.backup.manifest import Manifest
    from sage.backup.progress import Advance, Step
    from sage.backup.tools import Tools

_TABLE_DATA = re.compile(r"^\d+; \d+ \d+ TABLE DATA sage (\S+) ", re.MULTILINE)


@contextmanager
def opened_archive(path: Path) -> Iterator[Archive]:
    """Open the file of a backup for the length of a block. Raises BackupError."""
    try:
        with path.open("rb") as file:
            yield Archive(file, path)
    except OSError as error:
        raise BackupError(
            f"{path} cannot be read: {error.strerror or error}", hint="check its name and its mode"
        ) from error


async def check_archive(archive: Archive, step: Step) -> Manifest:
    """Read the whole file and compare it with its checksums; return its manifest.

    Raises BackupError when it was cut off, changed, or made by a newer release.
    """
    with step("checking the file, bytes", archive.size_bytes) as progress:
        await _to_the_end(archive.check_whole(), progress)
    manifest = await asyncio.to_thread(archive.manifest)
    with step("checking the dump, bytes", manifest.dump_bytes) as progress:
        await _to_the_end(archive.check_dump(manifest), progress)
    return manifest


async def check_listing(archive: Archive, manifest: Manifest, tools: Tools) -> None:
    """Check that pg_restore can read the dump and finds every table in it. Raises BackupError."""
    listing = b""
    async with pg_restore(archive, tools, "--list") as child:
        while block := await child.read():
            listing += block
        await child.finish()
    listed = set(_TABLE_DATA.findall(listing.decode()))
    if missing := sorted({table.name for table in manifest.contents.tables} - listed):
        raise BackupError(
            f"the dump in {archive.path} lacks tables: {', '.join(missing)}",
            hint="restore another backup, and please report this",
        )


async def _to_the_end(pieces: Iterator[int], progress: Advance) -> None:
    while done := await asyncio.to_thread(next, pieces, 0):
        progress.advance(done)

"""Writes an upload to disk as it arrives, bounded, without holding it in memory."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from typing import TYPE_CHECKING

from sage.errors import InvalidInputError, NoRoomError, TooLargeError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_AT_ONCE_BYTES = 1_000_000
_LOOK_EVERY_BYTES = 16_000_000
_LEFT_BYTES = 256_000_000
"""The disk space that a database on the same disk needs."""
_MB = 1_000_000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def refuse_size(size_bytes: int | None, most_bytes: int, folder: Path) -> None:
    """Reject an upload by its size before it comes. Raises TooLargeError, NoRoomError, OSError."""
    if size_bytes is not None and size_bytes > most_bytes:
        raise _too_large(most_bytes)
    _require_room(folder, size_bytes or 0)


async def write_blocks(path: Path, blocks: AsyncIterator[bytes], most_bytes: int) -> int:
    """Write blocks to a new file; return the number of bytes.

    Raises TooLargeError, NoRoomError, InvalidInputError for an empty one, OSError, and what reading
    the blocks raises.
    """
    size, seen, waiting = 0, 0, bytearray()
    try:
        with path.open("xb") as file:
            async for block in blocks:
                size += len(block)
                if size > most_bytes:
                    raise _too_large(most_bytes)
                waiting += block
                if len(waiting) >= _AT_ONCE_BYTES:
                    await asyncio.to_thread(file.write, bytes(waiting))
                    waiting.clear()
                if size - seen >= _LOOK_EVERY_BYTES:
                    seen = size
                    _require_room(path.parent, 0)
            await asyncio.to_thread(file.write, bytes(waiting))
    except OSError as error:
        if error.errno in _FULL:
            raise _no_room(path.parent) from None
        raise
    if not size:
        raise InvalidInputError("file", "{field} is empty", hint="choose another file")
    return size


def date_file(path: Path, written_at: float | None) -> None:
    """Set the modification time of a file to that of the original. Raises OSError."""
    if written_at is not None:
        os.utime(path, (written_at, written_at))


def _require_room(folder: Path, size_bytes: int) -> None:
    if shutil.disk_usage(folder).free < size_bytes + _LEFT_BYTES:
        raise _no_room(folder)


def _no_room(folder: Path) -> NoRoomError:
    free = shutil.disk_usage(folder).free // _MB
    return NoRoomError(
        phrase(
            "the server has only {free:,} MB of disk space left, too little for this file",
            free=free,
        ),
        hint="free some disk space there, or import it with `sage-client.pyz import`, "
        "which sends no files",
    )


def _too_large(most_bytes: int) -> TooLargeError:
    return TooLargeError(
        "file",
        phrase("{field} is larger than {most:,} MB", most=most_bytes // _MB),
        hint="import it with `sage import` or `sage-client.pyz import`, which takes files of any"
        " size, or raise SAGE_IMPORT_MAX_MB",
    )

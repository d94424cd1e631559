"""Write a file under a temporary name and rename it when it is complete."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from sage.clients.data_dir.files import open_file, open_folder, remove_file
from sage.errors import SageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{8}\.unfinished")


@contextmanager
def unfinished_file(place: Path) -> Iterator[IO[bytes]]:
    """Open a new file for the length of a block, and then rename it to `place`.

    If the block raises, the file is removed. The remains of a killed process are removed by the
    next one, since the kernel has released their lock. Raises OSError, StartupError.
    """
    _clear(place.parent)
    path = place.with_name(f".{place.name}.{secrets.token_hex(4)}.unfinished")
    with os.fdopen(open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL), "w+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            with open_folder(place.parent) as folder:
                os.rename(path.name, place.name, src_dir_fd=folder, dst_dir_fd=folder)
                os.fsync(folder)
        except BaseException:
            remove_file(path)
            raise


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if _UNFINISHED.fullmatch(path.name):
            with suppress(OSError, SageError):
                _remove_unlocked(path)


def _remove_unlocked(path: Path) -> None:
    with os.fdopen(open_file(path, os.O_RDWR), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_file(path)

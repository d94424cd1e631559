"""A log file of bounded size, with any number of writers."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import open_file, remove_file
from sage.errors import StartupError

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 10_000_000
_TAIL_BYTES = 4_000
_TAIL_LINES = 12
_BLOCK_BYTES = 1_048_576
_ROTATION_INTERVAL_S = 1.0


class BoundedLog:
    """A log to which other processes append; its previous part is in a file ending in `.1`."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._began_at = 0

    def open(self) -> int:
        """Return a descriptor for appending, and remember where this run begins."""
        self.rotate()
        descriptor = open_file(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._began_at = os.fstat(descriptor).st_size
        return descriptor

    def tail(self) -> str:
        """Return the last lines of this run."""
        with suppress(OSError, StartupError):
            with os.fdopen(open_file(self.path, os.O_RDONLY), "rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(self._began_at if self._began_at <= size else 0, size - _TAIL_BYTES))
                lines = log.read().decode("utf-8", errors="replace").splitlines()
            return "\n".join(lines[-_TAIL_LINES:])
        return ""

    def keep_bounded(self, descriptor: int) -> None:
        """Rotate periodically for the lifetime of this process, if it writes to this log."""
        with suppress(OSError, StartupError):
            log = open_file(self.path, os.O_RDONLY)
            try:
                written = os.path.sameopenfile(log, descriptor)
            finally:
                os.close(log)
            if written:
                threading.Thread(
                    target=self._rotate_often, name="log-rotation", daemon=True
                ).start()

    def rotate(self) -> None:
        """Move the content aside if it is too large, without disturbing writers.

        They have the file open, so it is copied and truncated, not renamed. Without space for the
        copy the content is dropped. Raises nothing.
        """
        with suppress(OSError, StartupError):
            log = open_file(self.path, os.O_RDWR)
            try:
                if os.fstat(log).st_size > self._max_bytes:
                    with suppress(OSError):
                        self._copy(log)
                    os.ftruncate(log, 0)
            finally:
                os.close(log)

    def _rotate_often(self) -> None:
        while True:
            time.sleep(_ROTATION_INTERVAL_S)
            self.rotate()

    def _copy(self, log: int) -> None:
        aside = self.path.with_name(f"{self.path.name}.1")
        remove_file(aside)
        with os.fdopen(open_file(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as copy:
            while block := os.read(log, _BLOCK_BYTES):
                copy.write(block)

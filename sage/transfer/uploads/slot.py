"""The place on disk for the uploads of one person: one file at a time, and its record.

Any process of this Sage may work on it, one at a time: the one that holds its lock, which the
kernel releases when that process dies.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.clients.data_dir.files import make_folder
from sage.local.data_dir.locks import FileLock
from sage.transfer.uploads.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK, _RECORD, _STOP, _CONTENT = "lock", "record.json", "stop", "content"
_GRACE_S = 0.5
"""How long to wait for the lock: other processes test whether it is held."""


@dataclass(frozen=True, slots=True)
class UploadSlot:
    """The folder of one person. All methods raise OSError, StartupError."""

    folder: Path

    @property
    def content(self) -> Path:
        """The folder that contains only the file."""
        return self.folder / _CONTENT

    def claim(self, wait_s: float = _GRACE_S) -> FileLock | None:
        """Lock the slot to work on it; None if another process holds it longer than `wait_s`."""
        self.folder.parent.parent.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        make_folder(self.folder.parent)
        while True:
            make_folder(self.folder)
            lock = FileLock(self.folder / _LOCK)
            if not lock.exclude(wait_s):
                lock.close()
                return None
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock.fd), (self.folder / _LOCK).stat()):
                    return lock
            lock.close()  # it was removed in between

    @property
    def is_at_work(self) -> bool:
        """Whether a process holds the lock."""
        try:
            lock = FileLock(self.folder / _LOCK, create=False)
        except FileNotFoundError:
            return False
        with lock:
            return not lock.try_share()

    def read(self) -> Record | None:
        """Return the record; None if there is none, or none that this release can read."""
        try:
            return Record.from_json((self.folder / _RECORD).read_text())
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            return None

    def write(self, record: Record) -> None:
        """Store a record, replacing the previous one."""
        beside = self.folder / f"{_RECORD}.new"
        beside.write_text(record.to_json())
        beside.replace(self.folder / _RECORD)

    def empty(self) -> None:
        """Remove the file, its record, and a request to stop."""
        self.drop_content()
        for name in (_RECORD, _STOP):
            (self.folder / name).unlink(missing_ok=True)

    def drop_content(self) -> None:
        """Remove the file, but not its record."""
        shutil.rmtree(self.content, ignore_errors=True)

    def ask_to_stop(self) -> None:
        """Request that the process that works on it stops."""
        (self.folder / _STOP).touch()

    @property
    def is_to_stop(self) -> bool:
        """Whether a stop was requested."""
        return (self.folder / _STOP).exists()

    @property
    def age_s(self) -> float:
        """The age of the record in seconds, or of the slot without one."""
        for name in (_RECORD, _LOCK):
            with suppress(FileNotFoundError):
                return time.time() - (self.folder / name).stat().st_mtime
        return 0.0

    def sweep(self, *, older_than_s: float) -> None:
        """Remove the slot if no process works on it, and it is that old or has no record."""
        if self.age_s < older_than_s and self.read() is not None:
            return
        lock = self.claim()
        if lock is None:
            return
        with lock:
            if self.age_s >= older_than_s or self.read() is None:
                shutil.rmtree(self.folder, ignore_errors=True)


def slots_in(folder: Path) -> Iterator[UploadSlot]:
    """Yield the existing slots."""
    with suppress(FileNotFoundError):
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                yield UploadSlot(path)

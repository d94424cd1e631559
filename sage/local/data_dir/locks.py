"""Locks on files of the data directory; the kernel releases them when their holder ends.

`sage.pid` is held by the serving Sage, `sage.start` while one is started. Three belong to the
embedded database: `postgres.lock` is held while PostgreSQL is started or stopped, `postgres.users`
is shared by all Sage processes that use it, and `postgres.alive` is inherited by the server and its
children, so that it is free only when the last of them is gone: also one in another container, and
whatever the process numbers are.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from typing import TYPE_CHECKING, Self

from sage.clients.data_dir.files import open_file

if TYPE_CHECKING:
    from pathlib import Path

_POLL_S = 0.01


class FileLock:
    """An open file that can be locked; closing it unlocks, unless a child inherited it."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.fd = open_file(path, os.O_RDWR | os.O_CREAT if create else os.O_RDONLY)

    def __enter__(self) -> Self:
        """Return the lock."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def share(self) -> None:
        """Acquire the lock shared, waiting while another process holds it exclusively."""
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def try_share(self) -> bool:
        """Acquire the lock shared unless another process holds it exclusively."""
        return self._try(fcntl.LOCK_SH)

    def try_exclude(self) -> bool:
        """Acquire the lock exclusively if it is free; a share held before is lost either way."""
        return self._try(fcntl.LOCK_EX)

    def exclude(self, wait_s: float, given_up: threading.Event | None = None) -> bool:
        """Acquire the lock exclusively, waiting `wait_s` seconds or until `given_up` is set."""
        waiting = given_up or threading.Event()
        deadline = time.monotonic() + wait_s
        while not self.try_exclude():
            if time.monotonic() >= deadline or waiting.wait(_POLL_S):
                return False
        return True

    def close(self) -> None:
        """Release the lock."""
        os.close(self.fd)

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self.fd, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_free(path: Path, *, wait_s: float = 0.0) -> bool:
    """Return whether nobody holds the lock, waiting up to `wait_s` seconds for that."""
    with FileLock(path) as lock:
        return lock.exclude(wait_s)

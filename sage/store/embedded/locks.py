"""Locks on files of the data directory; the kernel drops them when their holder dies.

Three files: `postgres.lock` is held while somebody starts or stops PostgreSQL, `postgres.users` is
shared by all Sage processes that use it, and `postgres.alive` is inherited by the server and its
children, so that it is free only when the last of them is gone: also one in another container, and
whatever the process numbers say.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sage.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_POLL_S = 0.01


class FileLock:
    """An open file that can be locked; closing it unlocks, unless a child inherited it."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        owner = path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(self.fd, owner.st_uid, owner.st_gid)

    def share(self) -> None:
        """Hold the lock together with others; waits while somebody holds it alone."""
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def try_exclude(self) -> bool:
        """Hold the lock alone if nobody else holds it; a share held before is lost either way."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go."""
        os.close(self.fd)


@contextmanager
def exclusive(path: Path, *, wait_s: float) -> Iterator[None]:
    """Hold the lock alone for the length of a block.

    Raises StartupError when somebody else holds it for longer than `wait_s` seconds.
    """
    lock = FileLock(path)
    try:
        if not _poll(lock, wait_s):
            raise StartupError(
                f"another Sage process has been busy with the database for {wait_s:.0f} seconds",
                detail=f"it holds {path}",
                hint="end the Sage process that hangs and start again",
            )
        yield
    finally:
        lock.close()


def is_free(path: Path, *, wait_s: float = 0.0) -> bool:
    """Return whether nobody holds the lock, waiting up to `wait_s` seconds for it."""
    lock = FileLock(path)
    try:
        return _poll(lock, wait_s)
    finally:
        lock.close()


def _poll(lock: FileLock, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while not lock.try_exclude():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True

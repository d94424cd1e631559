"""The one Sage of a data directory: whether it runs, where, and how it is ended.

A running Sage holds a lock on `sage.pid`. The kernel lets go of it however the process ends, so a
stale file or a process id that went to another program can never be taken for a running Sage.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.errors import StartupError

if TYPE_CHECKING:
    from pathlib import Path

_POLL_S = 0.05
_CLAIM_WAIT_S = 0.5
_KEPT_LOG_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Running:
    """A Sage that runs, and the address it listens on."""

    pid: int
    host: str
    port: int


class Instance:
    """The Sage of `data_dir`, running or not; `was_named`: the command line named the folder."""

    def __init__(self, data_dir: Path, *, was_named: bool = False) -> None:
        self.data_dir = data_dir
        self.was_named = was_named
        self.log_file = data_dir / "sage.log"
        self._pid_file = data_dir / "sage.pid"
        self._address_file = data_dir / "sage.address"

    def claim(self) -> int | None:
        """Take the lock and give its descriptor, to be inherited by Sage; None when one runs.

        Makes the data directory, for its owner only, when it is missing.
        """
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._pid_file, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + _CLAIM_WAIT_S
        while not _locked(lock, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                os.close(lock)
                return None
            time.sleep(_POLL_S)
        os.ftruncate(lock, 0)
        return lock

    def record(self, lock: int, running: Running) -> None:
        """Write down who holds the lock and where it listens."""
        self._address_file.write_text(f"{running.host} {running.port}\n")
        os.pwrite(lock, f"{running.pid}\n".encode(), 0)

    def running(self) -> Running | None:
        """Return the Sage that runs, None when there is none. Raises StartupError."""
        try:
            lock = os.open(self._pid_file, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StartupError(
                f"{self._pid_file} cannot be read: {error.strerror}",
                hint="run this as the user who started Sage, or choose another --data-dir",
            ) from error
        try:
            deadline = time.monotonic() + _CLAIM_WAIT_S
            while not _locked(lock, fcntl.LOCK_SH):
                with suppress(OSError, ValueError):
                    host, port = self._address_file.read_text().split()
                    return Running(int(os.pread(lock, 32, 0)), host, int(port))
                if time.monotonic() >= deadline:
                    break
                time.sleep(_POLL_S)
            else:
                return None
        finally:
            os.close(lock)
        raise StartupError(
            f"another start of Sage for {self.data_dir} has not come far enough",
            hint="try again in a moment",
        )

    def end(self, running: Running, *, wait_s: float) -> bool:
        """Ask Sage to stop and wait for it; False when it still runs after `wait_s` seconds.

        Raises StartupError when it belongs to another user.
        """
        try:
            os.kill(running.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        except PermissionError as error:
            raise StartupError(
                f"the Sage with pid {running.pid} belongs to another user",
                hint="stop it as that user",
            ) from error
        deadline = time.monotonic() + wait_s
        while self.running() is not None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def open_log(self) -> int:
        """Open the log to be added to; one that has grown large is put aside first."""
        with suppress(FileNotFoundError):
            if self.log_file.stat().st_size > _KEPT_LOG_BYTES:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))
        return os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""The one Sage of a data directory: whether it runs, its address, and how it is stopped.

A running Sage holds a lock on `sage.pid`. The kernel releases it however the process ends, so a
stale file or a reused process id can never be taken for a running Sage.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from sage.clients.data_dir.files import open_file, read_file
from sage.config.paths import ADDRESS_FILE
from sage.errors import StartupError
from sage.local.data_dir.bounded_log import BoundedLog
from sage.local.data_dir.locks import FileLock
from sage.phrases import phrase

if TYPE_CHECKING:
    from pathlib import Path

_POLL_S = 0.05
_CLAIM_WAIT_S = 0.5
_MAX_RECORD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class RunningInstance:
    """A running Sage: the address it listens on, its database, its log and its release.

    `database` is empty for the embedded one; `log` is empty if the log is not a file of the
    directory; `release` is empty for releases that did not record it.
    """

    pid: int
    host: str
    port: int
    database: str = ""
    log: str = ""
    release: str = ""


class Instance:
    """The Sage of `data_dir`, running or not; `was_named`: on the command line."""

    def __init__(self, data_dir: Path, *, was_named: bool = False) -> None:
        self.data_dir = data_dir
        self.was_named = was_named
        self.log = BoundedLog(data_dir / "sage.log")
        self._pid_file = data_dir / "sage.pid"
        self._address_file = data_dir / ADDRESS_FILE

    def claim(self) -> FileLock | None:
        """Acquire the lock, whose descriptor Sage will inherit; None if a Sage runs.

        Creates the data directory, for its owner only, if it is missing. Raises StartupError.
        """
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._pid_file)
        except OSError as error:
            raise StartupError(
                phrase(
                    "the data directory {directory} cannot be used: {reason}",
                    directory=self.data_dir,
                    reason=error.strerror,
                ),
                hint="choose another with --data-dir or SAGE_DATA_DIR",
            ) from error
        if not lock.exclude(_CLAIM_WAIT_S):
            lock.close()
            return None
        os.ftruncate(lock.fd, 0)
        return lock

    def record(self, lock: FileLock, running: RunningInstance) -> None:
        """Record the holder of the lock, its address and its database. Raises StartupError."""
        try:
            place = open_file(self._address_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(place, "w", encoding="utf-8") as file:
                lines = (running.database, running.log, running.release)
                file.write("\n".join((f"{running.host} {running.port}", *lines, "")))
            os.pwrite(lock.fd, f"{running.pid}\n".encode(), 0)
        except OSError as error:
            raise StartupError(
                phrase(
                    "the data directory {directory} cannot be written to: {reason}",
                    directory=self.data_dir,
                    reason=error.strerror,
                ),
                hint="free some disk space, or choose another directory with "
                "--data-dir or SAGE_DATA_DIR",
            ) from error

    def running(self) -> RunningInstance | None:
        """Return the running Sage, None without one. Raises StartupError."""
        try:
            lock = FileLock(self._pid_file, create=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StartupError(
                phrase(
                    "{pid_file} cannot be read: {reason}",
                    pid_file=self._pid_file,
                    reason=error.strerror,
                ),
                hint="run this as the user who started Sage, or choose another --data-dir",
            ) from error
        with lock:
            deadline = time.monotonic() + _CLAIM_WAIT_S
            while not lock.try_share():
                with suppress(OSError, ValueError):
                    return self._recorded(int(os.pread(lock.fd, 32, 0)))
                if time.monotonic() >= deadline:
                    break
                time.sleep(_POLL_S)
            else:
                return None
        raise StartupError(
            phrase(
                "another Sage is still starting on {directory}",
                directory=self.data_dir,
            ),
            hint="try again in a moment",
        )

    def end(self, running: RunningInstance, *, wait_s: float) -> bool:
        """Ask Sage to stop and wait for it; False if it still runs after `wait_s` seconds.

        Raises StartupError if it belongs to another user or is not visible from here.
        """
        try:
            if self._is_held_by(running.pid):
                os.kill(running.pid, signal.SIGTERM)
            elif self.running() is not None:
                raise StartupError(
                    phrase(
                        "the Sage that uses {directory} is not visible from here",
                        directory=self.data_dir,
                    ),
                    detail=phrase(
                        "{pid_file} names pid {pid}, which is another program",
                        pid_file=self._pid_file,
                        pid=running.pid,
                    ),
                    hint="stop it in the environment where it was started, for example "
                    "its container",
                )
        except ProcessLookupError:
            pass
        except (PermissionError, psutil.AccessDenied) as error:
            raise StartupError(
                phrase("the Sage with pid {pid} belongs to another user", pid=running.pid),
                hint="stop it as that user",
            ) from error
        deadline = time.monotonic() + wait_s
        while self.running() is not None:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def is_own(self) -> bool:
        """Return whether this process holds the lock, which it may have inherited."""
        return self._is_held_by(os.getpid())

    def _recorded(self, pid: int) -> RunningInstance:
        lines = read_file(self._address_file, _MAX_RECORD_BYTES).splitlines()
        host, port = lines[0].split() if lines else ("", "")
        return RunningInstance(pid, host, int(port), *lines[1:4])

    def _is_held_by(self, pid: int) -> bool:
        """Return whether a process has the lock's file open: only that one is Sage.

        The number may have been written by the owner of the directory, or in another container.
        """
        try:
            files = psutil.Process(pid).open_files()
        except psutil.NoSuchProcess:
            return False
        return str(self._pid_file.resolve()) in {file.path for file in files}

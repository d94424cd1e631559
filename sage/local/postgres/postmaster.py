"""Observe and stop the running server from outside: its pid file and its processes."""

from __future__ import annotations

import errno
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from sage.clients.data_dir.files import owner_of, read_file, remove_file
from sage.errors import StartupError
from sage.local.data_dir.locks import is_free
from sage.local.postgres.socket import clear_socket_folder, socket_path
from sage.phrases import phrase

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

_PID_LINE, _SOCKET_LINE, _STATUS_LINE = 0, 4, 7
_MAX_PID_FILE_BYTES = 4096
_SHORTAGES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_POLL_S = 0.005
_LINGER_S = 0.5
_QUIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The contents of the pid file of a server, running or not.

    Its lines are the process number, data directory, start time, port, socket directory, address,
    shared memory key and status, by PostgreSQL's `src/include/utils/pidfile.h`.
    """

    pgdata: Path
    pid: int
    socket_folder: Path
    status: str

    @property
    def is_alive(self) -> bool:
        """Whether this process exists and is a server of this data directory.

        Raises OSError if this process lacks the means to check.
        """
        return _serves(self.pid, self.pgdata)

    @property
    def is_reachable(self) -> bool:
        """Whether its socket is still in place; a logout can remove its directory."""
        return socket_path(self.socket_folder).exists()

    @property
    def is_ready(self) -> bool:
        """Whether it reports that it accepts connections."""
        return self.status == "ready"

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if the process is still a server of this data directory."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def read_postmaster(pgdata: Path) -> Postmaster | None:
    """Read the pid file; None without one. Lines not written yet are empty.

    Raises OSError if it cannot be read.
    """
    try:
        lines = read_file(pgdata / "postmaster.pid", _MAX_PID_FILE_BYTES).splitlines()
        lines += [""] * (_STATUS_LINE + 1 - len(lines))
        pid, folder = int(lines[_PID_LINE]), Path(lines[_SOCKET_LINE])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return Postmaster(pgdata, pid, folder, lines[_STATUS_LINE].strip())


def wait_until_settled(
    pgdata: Path, *, wait_s: float, given_up: threading.Event
) -> Postmaster | None:
    """Wait while a server starts up or shuts down; None if it is gone.

    A returned server is ready, or still busy when the time is over or `given_up` is set.
    """
    deadline = time.monotonic() + wait_s
    while True:
        postmaster = read_postmaster(pgdata)
        if postmaster is None or not postmaster.is_alive:
            return None
        if postmaster.is_ready or time.monotonic() >= deadline or given_up.wait(_POLL_S):
            return postmaster


def end_postmaster(postmaster: Postmaster, alive: Path, *, fast_s: float) -> None:
    """Shut a server down: fast, rolling back open transactions, and after `fast_s` immediate.

    An immediate shutdown loses nothing that was committed; the next start replays the log. Raises
    StartupError if the server cannot be stopped.
    """
    for number, wait_s in ((signal.SIGINT, fast_s), (signal.SIGQUIT, _QUIT_S)):
        postmaster.signal(number)
        if _wait_gone(postmaster, wait_s):
            break
    clear_remains(postmaster.pgdata, alive, postmaster.socket_folder)


def clear_remains(pgdata: Path, alive: Path, socket_folder: Path) -> None:
    """Remove the remains of a dead server: lingering children, pid file, socket.

    Raises StartupError if a server that is not visible or cannot be stopped uses the data
    directory.
    """
    if not is_free(alive, wait_s=_LINGER_S):
        for server in _servers(pgdata):
            with suppress(psutil.Error):
                server.kill()
        if not is_free(alive, wait_s=_LINGER_S):
            raise StartupError(
                phrase(
                    "another PostgreSQL uses {directory} and cannot be stopped from here",
                    directory=pgdata,
                ),
                hint="stop the container or the machine that shares this data directory",
            )
    remove_file(pgdata / "postmaster.pid")
    clear_socket_folder(socket_folder, owner_of(pgdata).st_uid)


def _servers(pgdata: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        if _serves(process.pid, pgdata):
            yield process


def _serves(pid: int, pgdata: Path) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.name().startswith("postgres") and _is_home(process, pgdata)
    except psutil.Error:
        return False
    except OSError as error:
        if error.errno in _SHORTAGES:  # a server that cannot be seen is not a dead one
            raise
        return False


def _is_home(process: psutil.Process, pgdata: Path) -> bool:
    try:
        return pgdata.samefile(process.cwd())
    except psutil.AccessDenied:
        return str(pgdata) in process.cmdline()


def _wait_gone(postmaster: Postmaster, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while postmaster.is_alive:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True

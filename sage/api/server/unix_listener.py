"""The Unix socket that Sage listens on beside its port, for the user who runs it and for root.

A server keeps a lock on the folder of its socket while it runs, so that a socket without one is
that of a server that was killed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from sage.api.server.listeners import backlog
from sage.clients.data_dir.server_socket import FOLDER, NAME, require_private, short_path
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER_MODE = stat.S_IRWXU
_SOCKET_MODE = stat.S_IRUSR | stat.S_IWUSR

log = get_logger(__name__)


@contextmanager
def unix_listener(data_dir: Path) -> Iterator[socket.socket | None]:
    """Listen on the socket of a data directory for the length of a block, and remove it after that.

    Yields None, and logs why, where the directory is not this user's, a live server has the socket,
    or the file system holds none. A directory that is missing is not made.
    """
    with ExitStack() as stack:
        listener = None
        try:
            if data_dir.is_dir():
                listener = stack.enter_context(_listening(data_dir))
        except OSError as error:
            reason = error.strerror or str(error)
            log.warning("no_socket", folder=str(data_dir / FOLDER), reason=reason)
        yield listener


@contextmanager
def _listening(data_dir: Path) -> Iterator[socket.socket]:
    folder = data_dir / FOLDER
    if data_dir.stat().st_uid != os.geteuid():
        raise PermissionError(
            errno.EPERM, "the data directory belongs to another user", str(data_dir)
        )
    with suppress(FileExistsError):
        folder.mkdir(mode=_FOLDER_MODE)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with ExitStack() as stack:
        stack.callback(os.close, descriptor)
        if os.fstat(descriptor).st_uid == os.geteuid():
            os.fchmod(descriptor, _FOLDER_MODE)
        require_private(str(folder), os.fstat(descriptor))
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OSError(error.errno, "another Sage on this data directory has it") from error
        with suppress(FileNotFoundError):
            os.unlink(NAME, dir_fd=descriptor)
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        with short_path(str(folder)) as path:
            listener.bind(path)
        stack.callback(_remove, descriptor)
        os.chmod(NAME, _SOCKET_MODE, dir_fd=descriptor)
        listener.listen(backlog())
        yield listener


def _remove(folder: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(NAME, dir_fd=folder)

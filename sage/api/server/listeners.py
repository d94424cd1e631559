"""The sockets of Sage: its port, one for metrics if configured, and a Unix socket.

The last is for the user who runs it and for root. A server holds a lock on the folder of its socket
while it runs, so that a socket without a lock is that of a server that was killed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import socket
import stat
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from sage.api.server.bounded_protocol import max_connections
from sage.clients.data_dir.server_socket import FOLDER, NAME, require_private, short_path
from sage.errors import StartupError
from sage.operations.checks.network import METRICS_PLACE, SERVER_PLACE, refused_bind
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sage.config.server_settings import ServerSettings
    from sage.operations.checks.network import ListenSettings

_MAX_BACKLOG = 2048
_ENOUGH_FILES = 10_240  # also what macOS allows where its hard limit is infinite


def raise_descriptor_limit() -> None:
    """Raise the limit to the hard one, or to a sufficient one; it is never lowered."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_FILES if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def bound_sockets(server: ServerSettings) -> Iterator[socket.socket]:
    """Yield sockets that are bound to the ports but do not listen yet.

    Until they do, connections are refused, and a proxy uses another Sage. Raises StartupError, also
    if another server listens there.
    """
    yield _bound(server.host, server.port, SERVER_PLACE)
    if server.metrics_port is not None:
        yield _bound(server.metrics_host, server.metrics_port, METRICS_PLACE)


def backlog() -> int:
    """Return how many connections may wait to be accepted: all may be accepted at once."""
    return min(max_connections() // 2, _MAX_BACKLOG)


def _bound(host: str, port: int, place: ListenSettings) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        refused = refused_bind(host, port, error, place)
        raise StartupError(refused.detail, hint=refused.hint) from error
    return listener


_FOLDER_MODE = stat.S_IRWXU
_SOCKET_MODE = stat.S_IRUSR | stat.S_IWUSR

log = get_logger(__name__)


@contextmanager
def unix_listener(data_dir: Path) -> Iterator[socket.socket | None]:
    """Listen on the socket of a data directory in the block, and remove it afterwards.

    Yields None, and logs the reason, if the directory belongs to another user, a running server has
    the socket, or the file system does not support sockets. A missing directory is not created.
    """
    with ExitStack() as stack:
        listener = None
        try:
            if data_dir.is_dir():
                listener = stack.enter_context(_listening_in(data_dir))
        except OSError as error:
            reason = error.strerror or str(error)
            log.warning("no_socket", folder=str(data_dir / FOLDER), reason=reason)
        yield listener


@contextmanager
def _listening_in(data_dir: Path) -> Iterator[socket.socket]:
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

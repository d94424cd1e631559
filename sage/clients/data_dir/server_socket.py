"""The Unix socket of the Sage of a data directory: its path, and connections to it.

Whoever connects through it is the owner of the installation and sends no token. It is used if the
data directory belongs to the user, and both ends ask the kernel for the other's user. Hooks import
this at every event: it uses only the standard library, and only fast parts of it.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import struct
from contextlib import contextmanager

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "socket"
NAME = "sage.sock"
CONFIGURATION_HEADER = "sage-configuration"
"""The fingerprint of a command: a server with another configuration refuses its request."""
ADVICE_HEADER = "sage-advice"
"""The hint for a command if another model is configured, percent-encoded."""

_MAX_ADDRESS_BYTES = 103  # of 104 on macOS and 108 on Linux, with a NUL at the end
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LOCAL_LEVEL, _LOCAL_PEERCRED = 0, 1  # of macOS and the BSDs; Python names them only there


def socket_path(data_dir: str) -> str:
    """Return the path of the socket, whether a server listens there or not."""
    return os.path.join(data_dir, FOLDER, NAME)


def connect_to_server(data_dir: str, timeout_s: float) -> socket.socket:
    """Return a connection to the Sage of a data directory, through its socket.

    Use HTTP/1.1 with `Host: localhost`. Raises OSError if no server listens, if the socket is not
    this user's, and if another user answers.
    """
    folder = os.path.join(data_dir, FOLDER)
    require_private(folder, os.lstat(folder))
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(timeout_s)
        with short_path(folder) as path:
            connection.connect(path)
        _require_own(connection, folder)
    except BaseException:
        connection.close()
        raise
    return connection


def require_private(folder: str, found: os.stat_result) -> None:
    """Raise PermissionError for anything but a directory that only this user can enter."""
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not is_own or found.st_mode & _OTHERS:
        raise PermissionError(errno.EPERM, "is not a directory of this user alone", folder)


@contextmanager
def short_path(folder: str) -> Iterator[str]:
    """Yield a path of the socket that is short enough for a socket address.

    The folder of a longer one is reached through a link that is removed again. Raises OSError.
    """
    path = os.path.join(folder, NAME)
    if len(os.fsencode(path)) <= _MAX_ADDRESS_BYTES:
        yield path
        return
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - slow to import, and seldom needed

    with TemporaryDirectory(prefix="sage-", dir=_short_folder()) as place:
        link = os.path.join(place, "s")
        os.symlink(os.path.abspath(folder), link)
        yield os.path.join(link, NAME)


def uid_of_peer(connection: socket.socket) -> int:
    """Return the user at the other end of a Unix socket, by the kernel. Raises OSError."""
    if hasattr(socket, "SO_PEERCRED"):
        size = struct.calcsize("3i")
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        return int(struct.unpack("3i", credentials)[1])
    size = struct.calcsize("IIh16I")
    credentials = connection.getsockopt(_LOCAL_LEVEL, _LOCAL_PEERCRED, size)
    return int(struct.unpack_from("II", credentials)[1])


def _require_own(connection: socket.socket, folder: str) -> None:
    if uid_of_peer(connection) != os.geteuid():
        raise PermissionError(errno.EPERM, "another user answers", folder)


def _short_folder() -> str | None:
    """Return the parent of temporary folders; None for the default."""
    from tempfile import gettempdir  # noqa: PLC0415 - as above

    return "/tmp" if len(os.fsencode(gettempdir())) > _MAX_ADDRESS_BYTES // 2 else None  # noqa: S108 - a private folder is made in it

"""Choose the directory of the socket: private, and short enough for a socket address.

The server listens on no network address. Whoever can enter the directory can connect to it, so it
is accessible to its owner only.
"""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sage.clients.data_dir.files import open_folder
from sage.config.child_environment import variables_set
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sage.local.postgres.account import Account

PORT = 5432
DATABASE = "sage"
SUPERUSER = "sage"
_SOCKET = f".s.PGSQL.{PORT}"
_SOCKET_FILES = (_SOCKET, f"{_SOCKET}.lock")


def socket_path(folder: Path) -> Path:
    """Return the path of the server's socket in its directory."""
    return folder / f".s.PGSQL.{PORT}"


def dsn_of(folder: Path) -> str:
    """Return the URL of the `sage` database behind the socket in `folder`."""
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(folder), safe='')}&port={PORT}"


def choose_socket_folder(data_dir: Path, account: Account, earlier: Path | None = None) -> Path:
    """Create and return a private directory for the socket, the earlier one if still usable.

    Raises StartupError if no place is private, short and able to contain sockets.
    """
    places = [*_places(data_dir)]
    if earlier in places:
        places.insert(0, earlier)
    for folder in places:
        with suppress(OSError, UnicodeError):
            folder.mkdir(mode=0o700, exist_ok=True)
            with _private(folder, {os.geteuid(), account.uid}) as descriptor:
                if _holds_sockets(folder):
                    _give(descriptor, account)
                    return folder
    raise StartupError(
        "no directory is suitable for the socket of the embedded PostgreSQL",
        detail=phrase("tried {places}", places=list(map(str, places))),
        hint="choose a shorter data directory on a local disk, or set TMPDIR to a short directory "
        "that only you can change",
    )


def clear_socket_folder(folder: Path, owner: int, *, remove: bool = False) -> None:
    """Remove the socket of a stopped server, and its directory if nothing else is in it.

    The directory was named by a file of the server's owner: one that is not a private directory of
    that owner is left alone.
    """
    with suppress(OSError), _private(folder, {owner}) as descriptor:
        for name in _SOCKET_FILES:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=descriptor)
        if remove:
            with open_folder(folder.parent) as parent:
                os.rmdir(folder.name, dir_fd=parent)


def _places(data_dir: Path) -> Iterator[Path]:
    yield data_dir / "run"
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    for runtime in variables_set("XDG_RUNTIME_DIR").values():
        yield Path(runtime) / f"sage-{key}"
    for temporary in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - made private, or refused
        yield Path(temporary) / f"sage-{os.geteuid()}-{key}"


@contextmanager
def _private(folder: Path, owners: Collection[int]) -> Iterator[int]:
    """Open a directory that only one of the owners can enter. Raises PermissionError, OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if found.st_uid not in owners or stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
            raise PermissionError(errno.EPERM, "the directory is not private", str(folder))
        yield descriptor
    finally:
        os.close(descriptor)


def _give(folder: int, account: Account) -> None:
    """Change the owner of an open directory to the account, unless it has more than sockets."""
    if os.fstat(folder).st_uid != account.uid and set(os.listdir(folder)) <= {*_SOCKET_FILES}:
        os.fchown(folder, account.uid, account.gid)


def _holds_sockets(folder: Path) -> bool:
    if "," in str(folder).encode("utf-8").decode():  # a list of hosts, to every client library
        return False
    probe = folder / f".s.probe.{PORT}"
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(probe))
    probe.unlink()
    return True

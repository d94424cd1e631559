"""Choose the folder of the socket: private, and short enough for a socket address.

The server listens on no network address. Whoever can enter the folder can talk to it, so the folder
is open to its owner only.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sage.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.store.embedded.account import Account

PORT = 5432
DATABASE = "sage"
SUPERUSER = "sage"


def socket_path(folder: Path) -> Path:
    """Return the path of the server's socket in its folder."""
    return folder / f".s.PGSQL.{PORT}"


def dsn_of(folder: Path) -> str:
    """Return the URL of the `sage` database behind the socket in `folder`."""
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(folder), safe='')}&port={PORT}"


def choose_socket_folder(data_dir: Path, account: Account, earlier: Path | None = None) -> Path:
    """Make and return a private folder for the socket, the earlier one if it still can be used.

    Raises StartupError when no place is private, short and able to hold sockets.
    """
    places = [*_places(data_dir)]
    if earlier in places:
        places.insert(0, earlier)
    for folder in places:
        with suppress(OSError, UnicodeError):
            folder.mkdir(mode=0o700, exist_ok=True)
            if _is_private(folder, account) and _holds_sockets(folder):
                account.take(folder)
                return folder
    raise StartupError(
        "no folder can hold the socket of the embedded PostgreSQL",
        detail="tried " + ", ".join(map(str, places)),
        hint="choose a shorter data directory on a local disk, or set TMPDIR to a short folder "
        "that only you can change",
    )


def drop_socket_folder(folder: Path) -> None:
    """Remove the folder of an ended server, when nothing else is in it."""
    with suppress(OSError):
        folder.rmdir()


def _places(data_dir: Path) -> Iterator[Path]:
    yield data_dir / "run"
    key = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield Path(runtime) / f"sage-{key}"
    for temporary in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - made private, or refused
        yield Path(temporary) / f"sage-{os.geteuid()}-{key}"


def _is_private(folder: Path, account: Account) -> bool:
    found = folder.lstat()
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid in {os.geteuid(), account.uid}
        and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    )


def _holds_sockets(folder: Path) -> bool:
    if "," in str(folder).encode("utf-8").decode():  # a list of hosts, to every client library
        return False
    probe = folder / f".s.probe.{PORT}"
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(probe))
    probe.unlink()
    return True

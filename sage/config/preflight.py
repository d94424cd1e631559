"""The last layer of checks: whether this machine and its network are as the settings say."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sage.config.dsn import places_of
from sage.config.runtime import Container, detect_container
from sage.config.values import is_loopback
from sage.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.settings import Settings

CONNECT_TIMEOUT_S = 3.0
MIN_FREE_BYTES = 256 * 1024 * 1024
_HERE = "this machine"


def check_reality(
    settings: Settings, *, listens: bool = True, container: Container | None = None
) -> list[Problem]:
    """Try what the settings name: data folder, port, database. Leaves nothing behind.

    The port is tried only when `listens`; a server that already runs there holds it. Blocks for a
    few seconds when the network does not answer. Raises nothing.
    """
    around = container or detect_container()
    problems: list[Problem] = []
    if settings.database.dsn is None:
        problems += _data_dir(settings.data_dir)
    else:
        problems += _database(settings.database.dsn.get_secret_value(), around)
    if listens:
        problems += _port(settings.server.host, settings.server.port, around)
    return problems


def _data_dir(folder: Path) -> Iterator[Problem]:
    hint = "Choose a folder this user may write to, with SAGE_DATA_DIR or --data-dir"
    try:
        found = next(place for place in (folder, *folder.parents) if _exists(place))
    except OSError as error:
        yield Problem("SAGE_DATA_DIR", _HERE, f"cannot be a folder ({error.strerror})", hint)
        return
    if not found.is_dir():
        yield Problem("SAGE_DATA_DIR", _HERE, f"{found} is a file, not a folder", hint)
    elif found != folder and not os.access(found, os.W_OK | os.X_OK):
        message = f"{folder} cannot be made: {found} may not be written to"
        yield Problem("SAGE_DATA_DIR", _HERE, message, hint)
    elif found == folder and (reason := _write_failure(folder)):
        yield Problem("SAGE_DATA_DIR", _HERE, f"{folder} cannot be written to ({reason})", hint)
    elif (free := shutil.disk_usage(found).free) < MIN_FREE_BYTES:
        message = f"{free // 2**20:,} MiB are free at {folder}"
        hint = f"Free some space: PostgreSQL needs {MIN_FREE_BYTES // 2**20:,} MiB to work"
        yield Problem("SAGE_DATA_DIR", _HERE, message, hint)


def _exists(place: Path) -> bool:
    try:
        return place.exists()
    except PermissionError:
        return False


def _write_failure(folder: Path) -> str | None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or "it is not allowed"


def _port(host: str, port: int, container: Container) -> Iterator[Problem]:
    if container.detected and is_loopback(host):
        yield Problem(
            "MCP_SERVER_HOST",
            _HERE,
            f"{host} inside a container cannot be reached from outside of it",
            "Set MCP_SERVER_HOST=0.0.0.0 and SAGE_TOKEN",
            warning=True,
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except socket.gaierror:
        message = f"{host} is no name of this machine"
        yield Problem("MCP_SERVER_HOST", _HERE, message, "Set MCP_SERVER_HOST=127.0.0.1")
    except OSError as error:
        yield _refused_port(host, port, error)


def _refused_port(host: str, port: int, error: OSError) -> Problem:
    match error.errno:
        case errno.EADDRINUSE:
            return Problem(
                "MCP_SERVER_PORT",
                _HERE,
                f"port {port} is taken by another program",
                "Stop that program (it may be Sage itself), or set another MCP_SERVER_PORT",
            )
        case errno.EACCES:
            message = f"port {port} may not be opened by this user"
            return Problem("MCP_SERVER_PORT", _HERE, message, "Set a port above 1023")
        case _:
            message = f"{host} cannot be listened on ({error.strerror})"
            hint = "Set an address of this machine, such as MCP_SERVER_HOST=127.0.0.1"
            return Problem("MCP_SERVER_HOST", _HERE, message, hint)


def _database(dsn: str, container: Container) -> Iterator[Problem]:
    """Try each server of the address; one that answers is enough."""
    refusals: list[Problem] = []
    for host, port in places_of(dsn):
        refusal = _socket_file(host, port) if host.startswith("/") else _connect(host, port)
        if refusal is None:
            return
        message, hint = refusal
        if container.detected and is_loopback(host):
            hint = (
                "Inside a container localhost is the container itself: name the database's "
                "service, or host.docker.internal for the machine around it"
            )
        refusals.append(Problem("DB_HOST or DATABASE_URL", _HERE, message, hint))
    yield from refusals


def _socket_file(folder: str, port: int) -> tuple[str, str] | None:
    if (Path(folder) / f".s.PGSQL.{port}").exists():
        return None
    return f"no PostgreSQL socket for port {port} is in {folder}", "Start it, or correct the folder"


def _connect(host: str, port: int) -> tuple[str, str] | None:
    try:
        socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S).close()
    except socket.gaierror:
        return f"no machine is called {host}", "Correct the name, or the network's name service"
    except (OSError, UnicodeError) as error:
        reason = "no answer" if isinstance(error, TimeoutError) else str(error.args[-1])
        return (
            f"{host}:{port} does not answer ({reason})",
            "Start PostgreSQL there, or correct this",
        )
    return None

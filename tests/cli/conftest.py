"""The command line on an embedded Postgres, in this process and in processes of its own."""

import io
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from sage.cli.main import main
from sage.cli.views import program_name
from sage.config.variables import VARIABLES
from sage.local.postgres import EmbeddedPostgres
from sage.phrases.language import ENGLISH, speak
from tests.architecture.sources import INSTALLED
from tests.support import ports
from tests.support.backups import fill_spaces
from tests.support.password_postgres import password_server
from tests.support.plain_owner import plain_owner

__all__ = ["password_server", "plain_owner"]

DEADLINE_S = 60


@dataclass
class Outcome:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def data_dir():
    """Make a data directory whose Postgres runs as long as the tests do."""
    folder = Path(tempfile.mkdtemp(prefix="sage-cli-"))
    postgres = EmbeddedPostgres(folder)
    postgres.start()
    assert main(["migrate", "up", "--data-dir", str(folder)]) == 0
    yield folder
    postgres.stop()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch, tmp_path, model_loaded_once):  # noqa: ARG001 - in effect
    """Run where nothing is configured: no start script beside Sage, no variable of it."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
        monkeypatch.delenv(f"{variable.name}_FILE", raising=False)
    for name, value in (
        ("HOME", tmp_path / "home"),
        ("COLUMNS", "100"),
        ("TERM", "dumb"),
        ("TZ", "UTC"),
        ("LC_ALL", "C.UTF-8"),
        ("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"),
    ):
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("sage.config.paths.own_folder", lambda: None)
    monkeypatch.chdir(tmp_path)
    program_name.program.cache_clear()  # it depends on the PATH
    before = signal.getsignal(signal.SIGTERM)
    yield
    speak(ENGLISH)
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def sage(capsys):
    """Run the command line in this process."""

    def run(*argv):
        capsys.readouterr()
        code = main([str(one) for one in argv])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def kept(sage, data_dir):
    """Run the command line on the shared embedded Postgres."""

    def run(*argv):
        return sage("--data-dir", data_dir, *argv)

    return run


@pytest.fixture
def on(sage, monkeypatch, tmp_path):
    """Run the command line on the database of a DSN."""

    def run(dsn, *argv):
        monkeypatch.setenv("DATABASE_URL", dsn)
        return sage("--data-dir", tmp_path / "data", *argv)

    return run


@pytest.fixture
def here(on, postgres_dsn):
    """Run the command line on the database of this test."""
    return lambda *argv: on(postgres_dsn, *argv)


@pytest.fixture
def filled(postgres_dsn):
    """Keep memories in the database of this test; give its DSN."""
    fill_spaces(postgres_dsn)
    return postgres_dsn


@pytest.fixture
def made(on, filled, tmp_path):
    """Give a backup of the filled database."""
    file = tmp_path / "made.backup"
    outcome = on(filled, "backup", file)
    assert outcome.code == 0, outcome.err
    return file


@pytest.fixture
def launch():
    """Start `python -m sage`, or other Python code, as a process; it is gone after the test."""
    started = []

    def start(*argv, interpreted=None, **options):
        what = ["-m", "sage"] if interpreted is None else ["-c", interpreted]
        environ = {**os.environ, "PYTHONPATH": str(INSTALLED)}
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(
            [sys.executable, *what, *map(str, argv)], env=environ, **(pipes | options)
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def program(launch):
    """Run `python -m sage` in a process of its own to its end."""

    def run(*argv, said="", **options):
        process = launch(*argv, **options)
        out, err = process.communicate(said.encode(), timeout=DEADLINE_S)
        return Outcome(process.returncode, (out or b"").decode(), (err or b"").decode())

    return run


@pytest.fixture
def free_port():
    """Name a port of this machine that nothing listens on."""
    return ports.free_port()


class Keyboard(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def typing(monkeypatch):
    """Sit at a terminal and type the text given."""

    def type_in(text):
        monkeypatch.setattr("sys.stdin", Keyboard(text))
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    return type_in


@pytest.fixture
def session():
    """Name a session of the test's own."""
    return f"session-{secrets.token_hex(4)}"

"""Sage ends when it is told to, at any moment, and leaves no database behind."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from sage.local.data_dir.locks import FileLock
from tests.architecture.sources import INSTALLED
from tests.support.embedded_lab import is_running
from tests.support.forked import start_sage
from tests.support.polling import DEADLINE_S, wait_for

GRACE_S = 10
ON_A_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp("bash", ["bash", "-c", '"$@"; exit', "bash", *sys.argv[1:]])
"""


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def sage(workspace, data_dir, made_data_dir, port):
    """Give the command line of a Sage on a database that was made before, and its environment."""
    shutil.copytree(made_data_dir, data_dir)
    options = ["--port", str(port), "--data-dir", str(data_dir)]
    environ = {"PATH": os.environ["PATH"], "HOME": str(workspace), "PYTHONPATH": str(INSTALLED)}
    return lambda *verb: ([sys.executable, "-m", "sage", *verb, *options], environ)


def processes_with(file, among=None):
    """Count the processes that have a file open, of all or `among` some."""
    count = 0
    for process in psutil.process_iter() if among is None else among:
        try:
            count += str(file) in {opened.path for opened in process.open_files()}
        except psutil.Error:
            continue
    return count


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_start_that_waits_for_the_database_ends_when_told_to(
    sage, workspace, data_dir, workers, number
):
    (_, _, _, *command), environ = sage("serve", "--workers", str(workers))
    lock = data_dir / "postgres.lock"
    with FileLock(lock) as other, (workspace / "log").open("wb") as log:
        assert other.try_exclude()
        process = start_sage(command, cwd=workspace, env=environ, output=log)
        try:
            family = psutil.Process().children
            wait_for(lambda: processes_with(lock, family(recursive=True)) == workers, pause_s=0.2)
        finally:
            process.send_signal(number)
        assert process.wait(GRACE_S) == 0
        assert processes_with(lock) == 1
    events = [json.loads(line)["event"] for line in (workspace / "log").read_text().splitlines()]
    assert "listening" in events
    assert "stopped" in events
    assert "ready" not in events


def test_closing_the_terminal_ends_sage_and_its_database(sage, workspace, data_dir):
    command, environ = sage("up")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, *command],
        env=environ,
        cwd=workspace,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as shell:
        os.close(theirs)
        shown = b""
        while b"Ctrl-C" not in shown:
            shown += os.read(ours, 65_536)
        assert is_running(data_dir)
        os.close(ours)
        shell.wait(DEADLINE_S)
    wait_for(lambda: not is_running(data_dir))
    wait_for(lambda: processes_with(data_dir / "sage.pid") == 0)


def test_a_database_left_behind_by_a_killed_sage_is_ended(sage, workspace, data_dir):
    command, environ = sage("up", "--detach")
    started = subprocess.run(command, env=environ, cwd=workspace, check=False, capture_output=True)
    assert started.returncode == 0, started.stderr
    os.kill(int((data_dir / "sage.pid").read_text()), signal.SIGKILL)
    assert is_running(data_dir)
    down = [sys.executable, "-m", "sage", "down", "--data-dir", str(data_dir)]
    for told in ("its PostgreSQL was", "Sage is not running"):
        ended = subprocess.run(
            down, env=environ, cwd=workspace, check=False, capture_output=True, text=True
        )
        assert ended.returncode == 0, ended.stderr
        assert told in ended.stdout
    assert not is_running(data_dir)


def test_the_log_is_rotated_while_sage_runs(sage, workspace, data_dir):
    command, environ = sage("up", "--detach")
    started = subprocess.run(command, env=environ, cwd=workspace, check=False, capture_output=True)
    assert started.returncode == 0, started.stderr
    with (data_dir / "sage.log").open("a") as log:
        log.write("x" * 11_000_000)
    wait_for(lambda: (data_dir / "sage.log").stat().st_size < 100_000)
    assert (data_dir / "sage.log.1").stat().st_size > 11_000_000
    limits = psutil.Process(int((data_dir / "sage.pid").read_text())).rlimit(psutil.RLIMIT_NOFILE)
    assert limits[0] >= min(limits[1], 10_240)
    down = [sys.executable, "-m", "sage", "down", "--data-dir", str(data_dir)]
    assert subprocess.run(down, env=environ, cwd=workspace, check=False).returncode == 0

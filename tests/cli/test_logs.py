"""`sage logs` on a terminal."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from sage.local.data_dir.instance import Instance, RunningInstance
from tests.architecture.sources import INSTALLED

DEADLINE_S = 60


def line(event):
    values = {"timestamp": "2026-11-26T08:00:00.000000Z", "level": "info", "logger": "sage.test"}
    return json.dumps({**values, "event": event, "port": 17800}) + "\n"


def read_until(terminal, word):
    read, deadline = "", time.monotonic() + DEADLINE_S
    while word not in read:
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, f"{word} was not shown: {read}"
        read += os.read(terminal, 65_536).decode()
    return read


@contextmanager
def logs_on_a_terminal(tmp_path):
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(INSTALLED)}
    command = [sys.executable, "-m", "sage", "logs", "--data-dir", str(tmp_path)]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, env=environ
    ) as process:
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.send_signal(signal.SIGINT)
    os.close(ours)


def test_a_terminal_shows_readable_lines_and_those_that_are_added(tmp_path):
    log = tmp_path / "sage.log"
    log.write_text(line("listening"))
    instance = Instance(tmp_path)
    with instance.claim() as lock:
        instance.record(lock, RunningInstance(os.getpid(), "127.0.0.1", 17800, log=str(log)))
        with logs_on_a_terminal(tmp_path) as (process, terminal):
            shown = read_until(terminal, "17800")
            with log.open("a") as added:
                added.write(line("stopped"))
            shown += read_until(terminal, "stopped")
    assert process.returncode == 130
    assert "listening" in shown
    assert "{" not in shown


def test_the_log_of_a_sage_that_does_not_run_is_shown_to_its_end(tmp_path):
    (tmp_path / "sage.log").write_text(line("listening"))
    with logs_on_a_terminal(tmp_path) as (process, terminal):
        shown = read_until(terminal, "not running")
        assert process.wait(DEADLINE_S) == 0
    assert "listening" in shown

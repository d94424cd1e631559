"""An erasure that a process left unfinished is finished by a Sage that runs, and by one only."""

import json
import os
import signal
import subprocess
import sys

from tests.architecture.sources import INSTALLED
from tests.support.backups import ask
from tests.support.memory_locks import locked_memories
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

BEGUN = "SELECT count(*) FROM sage.erasures WHERE step > 0"
SPACE = "SELECT count(*) FROM sage.spaces WHERE name = 'team'"
LOCKED = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 73086048"


def test_a_killed_erasure_is_finished_by_the_next_sage(sage, filled, postgres_dsn, tmp_path):
    command = [sys.executable, "-m", "sage", "space", "erase", "team", "--yes"]
    with (
        locked_memories(postgres_dsn, "team"),
        subprocess.Popen(
            [*command, "--data-dir", tmp_path / "data"],
            env={**os.environ, "PYTHONPATH": str(INSTALLED)},
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        ) as process,
    ):
        wait_for(lambda: ask(postgres_dsn, BEGUN)[0][0] > 0)
        other = sage("space", "erase", "team", "--yes")
        assert (other.code, "by another process" in other.err) == (1, True)
        process.send_signal(signal.SIGKILL)
    wait_for(lambda: ask(postgres_dsn, LOCKED) == [(0,)])
    data = tmp_path / "server"
    with serving(settings_for(postgres_dsn, data)):
        wait_for(lambda: ask(postgres_dsn, SPACE) == [(0,)])
        wait_for(lambda: [*(data / "receipts").glob("*.json")])
    (receipt,) = (data / "receipts").glob("*.json")
    assert json.loads(receipt.read_text())["rows"]["memories"] == len(filled["team"])
    surface = "SELECT surface FROM sage.audit WHERE action = 'end_erasure'"
    assert ask(postgres_dsn, surface) == [("process",)]

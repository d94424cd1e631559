"""An erasure that was killed is run again and ends whole, with one receipt for all of it."""

import json
import os
import signal
import subprocess
import sys

from tests.architecture.sources import INSTALLED
from tests.support.backups import ask
from tests.support.polling import wait_for

MEMORIES = 8_000


def test_a_killed_erasure_goes_on_and_its_receipt_counts_everything_once(
    sage, postgres_dsn, tmp_path
):
    assert sage("space", "create", "team").code == 0
    ask(postgres_dsn, "INSERT INTO sage.sessions (space_id, session_id) VALUES ('team', 's')")
    ask(
        postgres_dsn,
        "INSERT INTO sage.memories (space_id, memory_id, session_id, role, content, created_at,"
        " lexemes) SELECT 'team', gen_random_uuid(), 's', 'user', 'x', now(), ''"
        f" FROM generate_series(1, {MEMORIES})",
    )
    steps = "SELECT count(*) FROM sage.erasures WHERE digests <> ''"
    command = [sys.executable, "-m", "sage", "space", "erase", "team", "--yes"]
    with subprocess.Popen(
        [*command, "--data-dir", tmp_path / "data"],
        env={**os.environ, "PYTHONPATH": str(INSTALLED)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        wait_for(lambda: ask(postgres_dsn, steps)[0][0] > 1)
        process.send_signal(signal.SIGKILL)
    there = "SELECT count(*) FROM sage.memories"
    wait_for(lambda: ask(postgres_dsn, f"{OTHERS} AND state <> 'idle'") == [(0,)])
    assert 0 < ask(postgres_dsn, there)[0][0] < MEMORIES
    receipt = sage("space", "erase", "team", "--yes", "--json").answer
    assert ask(postgres_dsn, there) == [(0,)]
    assert receipt["rows"]["memories"] == MEMORIES
    assert len(set(receipt["memory_id_sha256"])) == MEMORIES
    assert json.loads(sage("erase", "--verify", receipt["receipt"], "--json").out)["valid"]


OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

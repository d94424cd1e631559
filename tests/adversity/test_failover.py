"""The primary is lost and its replica promoted: Sage goes on without a restart."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager

from tests.support.faults.client import longest_silence_s, writing
from tests.support.faults.sage_process import running_sage
from tests.support.faults.verdict import judge
from tests.support.replication import replicated

SAVES = 150


def test_nothing_acknowledged_is_lost_with_a_synchronous_replica(workspace):
    with _saving(workspace, synchronous=True) as (sage, writer, primary, replica):
        writer.wait_for_more(SAVES)
        began = time.monotonic()
        primary.stop(signal.SIGKILL)
        replica.promote()
        writer.wait_for_more(SAVES)
        silence = longest_silence_s(writer.acknowledged_at(), began, time.monotonic())
        sys.stderr.write(f"failover: longest time without a save {silence:.2f} s\n")
        assert sage.is_running
        verdict = judge(writer.end(), replica.dsn())
    assert verdict.acknowledged >= 2 * SAVES
    assert verdict.flaws == (0, 0, 0)


def test_an_asynchronous_replica_loses_what_it_had_not_received(workspace):
    with _saving(workspace, synchronous=False) as (_, writer, primary, replica):
        writer.wait_for_more(SAVES)
        replica.pause_receiving()
        writer.wait_for_more(SAVES)
        primary.stop(signal.SIGKILL)
        replica.promote()
        writer.wait_for_more(SAVES)
        verdict = judge(writer.end(), replica.dsn())
    assert verdict.lost > 0
    assert verdict.incomplete == 0


@contextmanager
def _saving(workspace, *, synchronous):
    """Serve Sage on a primary with a replica, named in one address, while a client saves."""
    with replicated(workspace, synchronous=synchronous) as (primary, replica):
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in (primary, replica))
        address = f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"
        with (
            running_sage(workspace, DATABASE_URL=address) as sage,
            writing(sage.url, workspace) as writer,
        ):
            yield sage, writer, primary, replica

"""What Sage acknowledged survives kill -9: of Sage, of Postgres, at any moment."""

from __future__ import annotations

import signal

import httpx
import psutil
import pytest

from sage.local.postgres import EmbeddedPostgres
from tests.support.embedded_lab import kill_server, pid_of
from tests.support.faults.client import writing
from tests.support.faults.sage_process import running_sage
from tests.support.faults.verdict import judge
from tests.support.faults.writer import MESSAGES
from tests.support.postgres import Cluster

SAGE_KILLS = 3
SAVES_BETWEEN = 50

pytestmark = pytest.mark.timeout(300)


def test_nothing_acknowledged_is_lost_when_sage_or_its_postgres_is_killed(workspace):
    with running_sage(workspace) as sage, writing(sage.url, workspace) as writer:
        for _ in range(SAGE_KILLS):
            writer.wait_for_more(SAVES_BETWEEN)
            sage.kill()
            sage.start()
        for kill in (_kill_all_of_postgres, _kill_the_postmaster, _kill_a_backend):
            writer.wait_for_more(SAVES_BETWEEN)
            kill(workspace / "data")
        writer.wait_for_more(SAVES_BETWEEN)
        assert sage.is_running
        acknowledged = writer.end()
        _read_back_through_sage(sage, acknowledged)
        sage.kill()

    server = EmbeddedPostgres(workspace / "data")
    try:
        verdict = judge(acknowledged, server.start())
    finally:
        server.stop()
    assert verdict.acknowledged >= 7 * SAVES_BETWEEN
    assert verdict.flaws == (0, 0, 0)


def test_this_harness_sees_the_losses_of_a_postgres_that_acknowledges_too_early(workspace):
    (workspace / "hasty").mkdir()
    cluster = Cluster(workspace / "hasty", {"synchronous_commit": "off", "wal_writer_delay": "10s"})
    cluster.create()
    cluster.start()
    try:
        with (
            running_sage(workspace, DATABASE_URL=cluster.dsn()) as sage,
            writing(sage.url, workspace) as writer,
        ):
            writer.wait_for_more(SAVES_BETWEEN)
            cluster.stop(signal.SIGKILL)
            acknowledged = writer.end()
            sage.kill()
        cluster.start()
        verdict = judge(acknowledged, cluster.dsn())
    finally:
        cluster.stop()
    assert verdict.lost > 0


def _kill_all_of_postgres(data_dir):
    kill_server(data_dir, with_children=True)


def _kill_the_postmaster(data_dir):
    kill_server(data_dir, with_children=False)


def _kill_a_backend(data_dir):
    children = psutil.Process(pid_of(data_dir)).children()
    next(child for child in children if "sage sage" in " ".join(child.cmdline())).kill()


def _read_back_through_sage(sage, acknowledged):
    with httpx.Client(base_url=sage.url, timeout=15) as client:
        for session_id in [*acknowledged][::20]:
            session = client.get(f"/api/v1/sessions/{session_id}").raise_for_status().json()
            contents = [memory["content"] for memory in session["memories"]]
            assert contents == [f"{session_id} {number}" for number in range(MESSAGES)]

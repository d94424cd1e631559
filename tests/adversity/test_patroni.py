"""Sage on two PostgreSQL 17 that Patroni manages, through HAProxy.

It takes two minutes, and is for CI and for those who ask:
SAGE_TEST_PATRONI=1 pytest tests/adversity/test_patroni.py
"""

from __future__ import annotations

import os
import sys
import time

import pytest

from tests.support.faults.client import longest_silence_s, writing
from tests.support.faults.sage_process import running_sage
from tests.support.faults.verdict import judge
from tests.support.patroni import managed
from tests.support.postgres import ask

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (os.environ.get("SAGE_TEST_PATRONI") or os.environ.get("CI")),
        reason="Patroni: neither SAGE_TEST_PATRONI nor CI is set",
    ),
]
SAVES = 30


@pytest.fixture
def cluster(workspace):
    with managed(workspace) as one:
        yield one


def test_nothing_acknowledged_is_lost_whatever_happens_to_the_primary(cluster, workspace):
    events = {
        "switchover": cluster.switch_over,
        "PostgreSQL killed": lambda leader, _: leader.kill(patroni=False),
        "node killed": lambda leader, _: leader.kill(),
    }
    with (
        running_sage(workspace, DATABASE_URL=cluster.dsn) as sage,
        writing(sage.url, workspace) as writer,
    ):
        for name, event in events.items():
            leader, other = cluster.wait_for_both()
            writer.wait_for_more(SAVES)
            began = time.monotonic()
            event(leader, other)
            if name != "PostgreSQL killed":
                cluster.wait_for_primary(other)
            writer.wait_for_more(SAVES)
            silence = longest_silence_s(writer.acknowledged_at(), began, time.monotonic())
            sys.stderr.write(f"{name}: longest time without a save {silence:.1f} s\n")
        assert sage.starts == 1
        assert sage.is_running
        acknowledged = writer.end()
    verdict = judge(acknowledged, other.dsn)
    sys.stderr.write(f"{verdict}\n")
    assert verdict.flaws == (0, 0, 0)
    leader.start()
    cluster.wait_for_both()


def test_haproxy_keeps_sage_from_the_primary_that_patroni_lost(cluster, workspace):
    with (
        running_sage(workspace, DATABASE_URL=cluster.dsn) as sage,
        writing(sage.url, workspace) as writer,
    ):
        leader, other = cluster.wait_for_both()
        writer.wait_for_more(SAVES)
        began = time.monotonic()
        leader.kill(postgres=False)
        cluster.wait_for_primary(other)
        writer.wait_for_more(SAVES)
        silence = longest_silence_s(writer.acknowledged_at(), began, time.monotonic())
        sys.stderr.write(f"Patroni killed: longest time without a save {silence:.1f} s\n")
        for node in (leader, other):  # the trap: both take writes from whoever reaches them
            ask(node.dsn, f"SET synchronous_commit = local; CREATE TABLE taken_by_{node.name} ()")
        acknowledged = writer.end()
    verdict = judge(acknowledged, other.dsn)
    sys.stderr.write(f"{verdict}\n")
    assert verdict.flaws == (0, 0, 0)


def test_without_haproxy_sage_goes_on_saving_where_it_will_be_lost(workspace):
    with managed(workspace, synchronous=False) as cluster:
        leader, other = cluster.wait_for_both()
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in cluster.nodes)
        address = f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"
        with (
            running_sage(workspace, DATABASE_URL=address) as sage,
            writing(sage.url, workspace) as writer,
        ):
            writer.wait_for_more(SAVES)
            leader.kill(postgres=False)
            cluster.wait_for_primary(other)
            writer.wait_for_more(SAVES)
            acknowledged = writer.end()
        verdict = judge(acknowledged, other.dsn)
    sys.stderr.write(f"{verdict}\n")
    assert verdict.lost > 0

"""Three Sages on one database behind a proxy: each is rolled, one is added, one is killed.

It takes half a minute for each proxy, and is for those who ask:
SAGE_TEST_REPLICAS=1 pytest -s tests/adversity/test_three_sages.py
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager

import pytest

from sage.service.indexing import MAX_CALLS_AT_ONCE
from sage.service.leasing import LEASE_S
from tests.support import plain_http
from tests.support.fake_siliconflow import KEY, FakeSiliconFlow
from tests.support.faults.client import writing
from tests.support.faults.proxies import PROXIES, proxy_of
from tests.support.faults.sage_process import Sage, running_sage
from tests.support.faults.verdict import judge
from tests.support.polling import wait_for
from tests.support.postgres import ask

pytestmark = [
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not os.environ.get("SAGE_TEST_REPLICAS"), reason="SAGE_TEST_REPLICAS is not set"
    ),
]
CLIENTS = 32
SAVES = 150
SAVES_OF_ONE_ROLLED = 20  # the next is stopped before a proxy has missed the last
DRAINED_S = 400
BATCH = 16
_DRAIN_S = {"caddy": "5"}  # as docs/reverse-proxy.md asks for
_WAITING = "SELECT count(*) FROM sage.embedding_queue"
_NOT_OF_KILLED = f"""SELECT count(*) FROM sage.embedding_queue
WHERE due_at NOT BETWEEN now() AND '{{}}'::timestamptz + make_interval(secs => {LEASE_S})"""
_END_LEASES = "UPDATE sage.embedding_queue SET due_at = now()"
_VECTORS = "SELECT count(*), count(DISTINCT (space_id, memory_id)) FROM sage.embeddings"


@contextmanager
def provider():
    """Run a provider that keeps what it was asked, in a thread."""
    fake, began, ended = FakeSiliconFlow(), threading.Event(), threading.Event()

    async def serve():
        async with fake:
            began.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    began.wait()
    try:
        yield fake
    finally:
        ended.set()
        thread.join()


def repeated_calls(fakes):
    """Return when, and by which Sage, a text of a save was embedded, if several did.

    Each Sage has a provider of its own.
    """
    calls = defaultdict(list)
    for number, fake in enumerate(fakes):
        for one in fake.requests:
            if one.path.endswith("/embeddings"):
                for text in one.body["input"]:
                    calls[text].append((one.at, number))
    return [sorted(some) for some in calls.values() if len(some) > 1]


def is_of_killed(calls, number, began_at, killed_at):
    """Report whether one Sage alone had embedded a text when it was killed, others only later."""
    (first_at, first), *others = calls
    return first == number and began_at < first_at < killed_at < min(at for at, _ in others)


def saves_of(sage):
    """Return how many saves a Sage has answered since it was started."""
    told = plain_http.get(f"{sage.url}/metrics", timeout=30).text
    return sum(line.startswith("sage_saves_total") for line in told.splitlines())


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_sage_may_be_rolled_added_and_killed(postgres_dsn, workspace, proxy):
    with ExitStack() as stack:
        fakes = [stack.enter_context(provider()) for _ in range(4)]
        folders = [workspace / name for name in ("one", "two", "three", "four")]
        for folder in folders:
            folder.mkdir()
        common = {
            "SILICONFLOW_API_KEY": KEY,
            "DATABASE_URL": postgres_dsn,
            "SAGE_DRAIN_SECONDS": _DRAIN_S.get(proxy, "0"),
        }
        surroundings = [common | {"SILICONFLOW_BASE_URL": fake.url} for fake in fakes]
        sages = [
            stack.enter_context(running_sage(folder, **its))
            for folder, its in zip(folders[:3], surroundings, strict=False)
        ]
        added = Sage(folders[3], {"PATH": os.environ["PATH"], **surroundings[3]})
        stack.callback(added.kill)
        ports = [one.port for one in (*sages, added)]
        url = stack.enter_context(proxy_of(proxy, workspace / "proxy", ports))
        writer = stack.enter_context(writing(url, workspace, f"--tasks={CLIENTS}"))
        began_at = []
        for sage in sages:
            writer.wait_for_more(SAVES_OF_ONE_ROLLED)
            sage.stop()
            began_at.append(time.monotonic())
            sage.start()
        writer.wait_for_more(SAVES)
        added.start()
        wait_for(lambda: saves_of(added) > 0)
        writer.wait_for_more(SAVES)
        rolled = tuple(writer.failures())
        sages[0].kill()
        killed_at, killed = time.monotonic(), ask(postgres_dsn, "SELECT now()")
        writer.wait_for_more(SAVES)
        sages[0].start()
        writer.wait_for_more(SAVES)
        acknowledged = writer.end()
        wait_for(lambda: ask(postgres_dsn, _NOT_OF_KILLED.format(killed)) == "0", DRAINED_S)
        ask(postgres_dsn, _END_LEASES)  # which they would do by themselves after two minutes
        wait_for(lambda: ask(postgres_dsn, _WAITING) == "0", DRAINED_S, pause_s=1)
        at_kill = writer.failures()[len(rolled) :]
        again = repeated_calls(fakes)
        vectors, memories = map(int, ask(postgres_dsn, _VECTORS).split("|"))
    by_kill = sum(is_of_killed(calls, 0, began_at[0], killed_at) for calls in again)
    verdict = judge(acknowledged, postgres_dsn)
    sys.stderr.write(
        f"{proxy}: {verdict.acknowledged} saves, {verdict.lost} lost; failed while Sages were"
        f" rolled and added: {dict(Counter(rolled))}, when one was killed: {dict(Counter(at_kill))}"
        f"; {memories} embedded, {by_kill} of them twice because of the kill,"
        f" {len(again) - by_kill} for other reasons; load {os.getloadavg()[0]:.1f}\n"
    )
    assert verdict.flaws == (0, 0, 0)
    assert rolled == ()
    assert vectors == memories
    assert len(again) == by_kill
    # What a Sage was at when it was killed is embedded by another one, and stored once.
    assert by_kill <= MAX_CALLS_AT_ONCE * BATCH

"""A worker that is frozen, then down: the spaces on the other go on, and nothing kept is lost."""

import signal
import time
from collections import Counter
from functools import partial

import httpx
import pytest

from tests.citus.clients import calling
from tests.support.polling import wait_for
from tests.support.serving import wait_until

CLIENTS, OPENED = 8, 50
ANSWERS_WITHIN_S = 20
NOTICED_WITHIN_S = 9
"""A server that is frozen is known to be away by then, and no call waits for it any more."""
BACK_WITHIN_S = 60
WORST = 3

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def opened(spaces, size):
    """Create spaces on both workers, and a token for each client; give the spaces it opens."""
    names = spaces.create(size(400, 10_000), "many")
    step = len(names) // OPENED
    return {spaces.token(some): some for some in (names[n::step] for n in range(CLIENTS))}


@pytest.fixture
def load(url, opened):
    """Give a function that has the clients call."""
    return partial(calling, url, opened)


@pytest.mark.parametrize("how", ["frozen", "down"])
def test_spaces_on_the_other_worker_go_on_and_nothing_is_lost(spaces, load, size, how, measured):
    worker, ports = spaces.citus.workers[0], spaces.ports()

    def is_hit(call):
        return ports[call.space] == worker.port

    with load() as account:
        wait_for(lambda: len(account.calls) > 20 * CLIENTS)
        assert account.failures == []
        assert {is_hit(call) for call in account.calls} == {True, False}
        began = time.monotonic()
        worker.send_to_all(signal.SIGSTOP) if how == "frozen" else worker.stop(signal.SIGQUIT)
        health = _health(load.args[0], until=began + size(15, 30))
        ended = time.monotonic()
        worker.send_to_all(signal.SIGCONT) if how == "frozen" else worker.start()
        wait_until(partial(_is_back, account, is_hit), "answers of all", BACK_WITHIN_S)
        back = time.monotonic()
        wait_for(lambda: len(account.between(back, time.monotonic())) > 10 * CLIENTS)
    others = [one for one in account.between(began, ended) if not is_hit(one)]
    hit = [one for one in account.between(began, back) if is_hit(one) and not one.succeeded]
    later = account.between(began + NOTICED_WITHIN_S, ended)
    measured(
        f"{len(ports)} spaces, {how}; on the other worker {_told(others)};"
        f" on this one {_told(hit)};"
        f" after {NOTICED_WITHIN_S} s {_told(later)};"
        f" health {dict(health)}; back after {back - ended:.1f} s;"
        f" {len(account.acknowledged)} acknowledged"
    )
    assert spaces.missing(account.acknowledged) == []
    assert {one.status for one in hit} <= {503}
    assert all(one.seconds < ANSWERS_WITHIN_S for one in hit)
    assert {one.status for one in later} >= {200, 503}
    assert all(one.seconds < NOTICED_WITHIN_S for one in (*others, *later))
    assert others
    assert all(one.succeeded for one in others)
    assert set(health) - {"healthy"}, "nothing said that a worker was away"


def _health(url, until):
    """Ask how Sage is until a time; count what it says."""
    told = Counter()
    while time.monotonic() < until:
        answer = httpx.get(f"{url}/health", timeout=60)
        told[answer.json()["status"]] += 1
        time.sleep(0.5)
    return told


def _is_back(account, is_hit):
    last = account.calls[-10 * CLIENTS :]
    return all(one.succeeded for one in last) and any(is_hit(one) for one in last)


def _told(calls):
    slowest = max((one.seconds for one in calls), default=0)
    said = Counter(one.said for one in calls if not one.succeeded).most_common(WORST)
    return f"{dict(Counter(one.status for one in calls))}, slowest {slowest:.1f} s {said or ''}"

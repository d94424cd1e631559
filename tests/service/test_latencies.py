"""How long calls took in the last hours, as `GET /api/v1/latency` says."""

import random
from statistics import quantiles

import pytest

from sage.errors import InvalidInputError
from sage.service.latencies import Latencies
from tests.support.asgi import app_with, caller

HOUR = 3600


class Clock:
    def __init__(self):
        self.now = 1_800_000_000.0

    def __call__(self):
        return self.now


def test_quantiles_are_near_those_of_the_calls_and_bins_count_each_call_once():
    seen, latencies = random.Random(7), Latencies(Clock())
    durations = [seen.lognormvariate(-2.5, 0.8) for _ in range(4_000)]
    for seconds in durations:
        latencies.observe("search_memory", seconds)
    latencies.observe("save_conversation", 99.0)
    save, search = latencies.report(24).operations
    exact = quantiles((1000 * one for one in durations), n=100)
    for told, place in ((search.p50_ms, 49), (search.p95_ms, 94), (search.p99_ms, 98)):
        assert told == pytest.approx(exact[place], rel=0.15)
    assert search.count == sum(one.count for one in search.histogram) == len(durations)
    assert search.max_ms == pytest.approx(1000 * max(durations), abs=0.01)
    assert (save.count, save.histogram[-1].up_to_ms, save.histogram[-1].count) == (1, None, 1)
    assert save.p50_ms <= save.max_ms == 99_000


def test_only_the_last_hours_count_and_no_more_than_a_week():
    clock = Clock()
    latencies = Latencies(clock)
    for _ in range(24 * 40):
        latencies.observe("search_memory", 0.01)
        clock.now += HOUR
    (day,), (week,) = latencies.report(24).operations, latencies.report(168).operations
    assert (day.count, week.count) == (23, 167)  # the last of each was an hour ago
    clock.now += 30 * 24 * HOUR
    assert latencies.report(168).operations == ()
    for hours in (0, 169):
        with pytest.raises(InvalidInputError):
            latencies.report(hours)


async def test_it_is_read_over_rest(tmp_path):
    app = app_with(tmp_path)
    app.state.services.latencies.observe("search_memory", 0.02)
    async with caller(app) as client:
        told = (await client.get("/api/v1/latency?hours=1")).json()
        assert [(one["operation"], one["count"]) for one in told["operations"]] == [
            ("search_memory", 1)
        ]
        wrong = await client.get("/api/v1/latency?hours=1000")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "hours")

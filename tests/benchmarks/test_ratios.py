"""Calls stay within a small multiple of the least they could take, and do not grow with the store.

Ratios of medians taken in turns, never absolute times: a busy machine slows both sides. The bounds
are about twice what a machine under load shows, so that they fail when something is lost that
matters, such as an index or a cache, and not when the machine is noisy.
"""

import asyncio

import pytest
from pydantic import SecretStr

from sage.config.settings import DatabaseSettings, Settings
from sage.surfaces.bench.latency import Plan, measure_latency
from sage.surfaces.bench.sandbox import sandbox

SMALL, LARGE = 100, 1_000


@pytest.fixture(scope="module")
def measured(postgres_server, tmp_path_factory):
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        database=DatabaseSettings(dsn=SecretStr(postgres_server)),
    )

    async def run():
        async with sandbox(settings) as place:
            plan = Plan((SMALL, LARGE), calls=15, clients=4, seconds=1.0)
            return await measure_latency(place, plan, lambda _steps: None)

    return {one.memories: one for one in asyncio.run(run())}


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(
    ("call", "most"), [("search", 4), ("context", 4), ("save", 20), ("health", 12)]
)
def test_a_call_takes_a_small_multiple_of_its_floor(measured, size, call, most):
    assert measured[size].compared[call].p50_ratio <= most


@pytest.mark.parametrize("call", ["search", "context", "save", "health"])
def test_ten_times_the_memories_do_not_take_much_longer(measured, call):
    """Growth is told against that of the floor of `health`, which no memory can slow down."""
    small, large = measured[SMALL], measured[LARGE]
    noise = large.compared["health"].floor.p50_ms / small.compared["health"].floor.p50_ms
    growth = large.compared[call].call.p50_ms / small.compared[call].call.p50_ms
    assert growth / max(noise, 1) <= 5


def test_clients_do_not_stand_in_each_others_way(measured):
    """Four clients together get at least half of what one gets by itself."""
    for one in measured.values():
        alone_per_s = 1000 / one.compared["search"].call.p50_ms
        assert one.searches_per_s >= alone_per_s / 2

"""Calls stay within a small multiple of the least they could take, and do not grow with the store.

Ratios of the best times of calls taken in turns, never absolute times: other work on the machine
only adds to them. The bounds are more than twice what is measured, so that they fail when something
is lost that matters, such as an index or a cache, and not when the machine is noisy. Those of
health and save are wider: of a call of a millisecond noise is the most (health: 4 on a quiet
machine, 17 on a busy one).
"""

import pytest
from pydantic import SecretStr

from sage.config.settings import DatabaseSettings, Settings
from sage.surfaces.bench.latency import Plan, measure_latency
from sage.surfaces.bench.sandbox import sandbox

SMALL, LARGE = 100, 1_000
MOST_RATIO = {"search": 5, "context": 5, "save": 30, "health": 40}  # health asks the database
MOST_GROWTH = 5


@pytest.mark.timeout(300)
async def test_calls_stay_near_their_floors_when_the_store_grows(postgres_server, tmp_path):
    """One test: what it asserts comes from one measurement."""
    dsn = SecretStr(postgres_server)
    settings = Settings(data_dir=tmp_path, database=DatabaseSettings(dsn=dsn))
    plan = Plan((SMALL, LARGE), calls=15, clients=4, seconds=0.5)
    async with sandbox(settings) as place:
        small, large = await measure_latency(place, plan, lambda _steps: None)

    ratios = {
        (one.memories, name): compared.call.best_ms / compared.floor.best_ms
        for one in (small, large)
        for name, compared in one.compared.items()
    }
    assert not {key: ratio for key, ratio in ratios.items() if ratio > MOST_RATIO[key[1]]}, ratios

    growth = {
        name: compared.call.best_ms / small.compared[name].call.best_ms
        for name, compared in large.compared.items()
    }
    assert not {name: times for name, times in growth.items() if times > MOST_GROWTH}, growth

    for one in (small, large):  # clients at once get at least half of what one gets by itself
        assert one.searches_per_s >= 1000 / one.compared["search"].call.p50_ms / 2

"""Calls stay within a small multiple of the least they could take, and do not grow with the store.

Ratios of the best times of calls taken in turns, never absolute times: other work on the machine
only adds to them. The bounds are two to three times what is measured, so that a call four times as
slow fails. A save and a probe take few milliseconds, in which noise is much: while one is above its
bound more calls are made. That makes the best times of both better, and of what is slow not enough.
"""

from contextlib import AsyncExitStack

import pytest
from mcp import Client
from pydantic import SecretStr

from benchmarks.bare_server import bare_server
from benchmarks.calls import getting, saving, saving_without_sdk
from benchmarks.floors import save_floor
from benchmarks.latency import Plan, measure_latency
from benchmarks.timing import compare
from sage.api.mcp.server import MCP_PATH
from sage.cli.benchmark.sandbox import dsn_of, sandbox
from sage.cli.benchmark.server import sage_server
from sage.config.settings import DatabaseSettings, Settings
from sage.store.connections.pool import open_database

SMALL, LARGE = 100, 1_000
MAX_RATIO = {"search": 5, "context": 5}
MAX_GROWTH = 5
MAX_SHORT_RATIO = {"save": 9, "save_without_sdk": 6, "health": 9}  # measured: 3.9, 2.4, 4.0
CALLS_A_ROUND = 30
MAX_ROUNDS = 12


@pytest.fixture
async def place(postgres_server, tmp_path):
    dsn = SecretStr(postgres_server)
    async with sandbox(Settings(data_dir=tmp_path, database=DatabaseSettings(dsn=dsn))) as place:
        yield place


@pytest.mark.timeout(300)
async def test_calls_stay_near_their_floors_when_the_store_grows(place):
    """One test: what it asserts comes from one measurement."""
    plan = Plan((SMALL, LARGE), calls=15, clients=4, seconds=0.5)
    small, large = await measure_latency(place, plan, lambda _steps: None)

    ratios = {
        (one.memories, name): one.compared[name].call.best_ms / one.compared[name].floor.best_ms
        for one in (small, large)
        for name in MAX_RATIO
    }
    assert not {key: ratio for key, ratio in ratios.items() if ratio > MAX_RATIO[key[1]]}, ratios

    growth = {
        name: compared.call.best_ms / small.compared[name].call.best_ms
        for name, compared in large.compared.items()
    }
    assert not {name: times for name, times in growth.items() if times > MAX_GROWTH}, growth

    for one in (small, large):  # clients at once get at least half of what one gets by itself
        assert one.searches_per_s >= 1000 / one.compared["search"].call.p50_ms / 2


@pytest.mark.timeout(300)
async def test_saves_and_probes_stay_near_their_floors(place):
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(sage_server(place))
        bare = await stack.enter_async_context(bare_server(place))
        client = await stack.enter_async_context(Client(server.url + MCP_PATH))
        database = await open_database(dsn_of(place))
        stack.push_async_callback(database.close)
        least_save = await save_floor(database)
        least_answer = stack.enter_context(getting(bare, "/"))
        ratios = {
            "save": await best_ratio(saving(client), least_save, "save"),
            "save_without_sdk": await best_ratio(
                stack.enter_context(saving_without_sdk(server)), least_save, "save_without_sdk"
            ),
            "health": await best_ratio(
                stack.enter_context(getting(server, "/health")), least_answer, "health"
            ),
        }
    assert not {name: r for name, r in ratios.items() if r > MAX_SHORT_RATIO[name]}, ratios


async def best_ratio(call, floor, name):
    """Compare the best times of a call and its floor in rounds, until the ratio is in bounds."""
    best, best_floor = [], []
    first = 1_000_000 * (1 + list(MAX_SHORT_RATIO).index(name))
    for number in range(MAX_ROUNDS):
        compared = await compare(call, floor, CALLS_A_ROUND, first + number * CALLS_A_ROUND)
        best.append(compared.call.best_ms)
        best_floor.append(compared.floor.best_ms)
        if min(best) / min(best_floor) <= MAX_SHORT_RATIO[name]:
            break
    return round(min(best) / min(best_floor), 2)

"""Metrics take a small share of the processor time of a call.

Processor time is compared, which other work on the machine changes little: that of all observations
of a call, told too high, with that of the call inside Sage, without HTTP and the database, which is
too low. `python -m benchmarks metrics` compares what clients wait for.
"""

import time

import pytest

from sage.access.authorization import acting_as
from sage.api.arguments import SaveArguments, SearchArguments
from sage.api.tools import SAVE, SEARCH
from sage.bootstrap import open_services
from sage.domain.caller import OWNER_OF_DEFAULT
from sage.telemetry.metrics.catalog import HTTP_DURATION
from tests.support.embedders import BagOfWordsEmbedder
from tests.support.scraping import counted
from tests.support.serving import settings_for

MAX_SHARE = 0.03
CALLS = 60
OBSERVATIONS = 20_000
AROUND_A_CALL = 5  # the request and its duration, the MCP message, the size of the pool


@pytest.fixture
async def services(postgres_dsn, tmp_path, monkeypatch):
    """Open services with a fast embedding model."""
    monkeypatch.setattr("sage.bootstrap.open_embedder", lambda _settings: BagOfWordsEmbedder())
    async with open_services(settings_for(postgres_dsn, tmp_path)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def owner():
    """Allow the calls of a test to act as a user with all permissions."""
    with acting_as(OWNER_OF_DEFAULT):
        yield


async def processor_s(work, times):
    """Return the processor time of one piece of work."""
    began = time.process_time()
    for number in range(times):
        await work(number)
    return (time.process_time() - began) / times


async def observe(_number):
    async with HTTP_DURATION.time("GET", "/"):
        pass


def events(scrape):
    """Return the number of observations: single events and durations."""
    return sum(v for name, _, v in scrape.samples if name.endswith(("_total", "_count")))


async def test_the_share_of_a_search_and_of_a_save_is_small(services):
    async def save(number):
        turn = {"user_prompt": f"Egg {number}?", "assistant_response": f"In nest {number}."}
        await SAVE.call(services, SaveArguments.parse(turn))

    async def search(number):
        await SEARCH.call(services, SearchArguments.parse({"query": f"egg {number}"}))

    counted()
    one_s = await processor_s(observe, OBSERVATIONS)
    shares = {}
    for name, call in (("save", save), ("search", search)):
        before = events(counted())
        call_s = await processor_s(call, CALLS)
        observations = (events(counted()) - before) / CALLS + AROUND_A_CALL
        assert observations > AROUND_A_CALL + 3
        shares[name] = observations * one_s / call_s
    assert not {name: share for name, share in shares.items() if share > MAX_SHARE}, shares

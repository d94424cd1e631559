"""A database that takes connections and says nothing: no call waits for it for ever (F6, F24)."""

import asyncio
import signal
from contextlib import contextmanager

import httpx
import pytest

from tests.support.faults.link import link_to
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.polling import wait_for
from tests.support.postgres import Cluster
from tests.support.scraping import parsed

CALLS = 24
PATIENCE_S = 45  # waiting for a connection and for an answer, each in its own time
MAX_CONNECTIONS = 10  # the pool, and what is opened beside it
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sage'"


@pytest.fixture
def frozen_for_a_while(workspace):
    """Serve Sage; give its process, its server and a block in which that one is frozen."""
    (workspace / "server").mkdir()
    cluster = Cluster(workspace / "server")
    cluster.create()
    cluster.start()

    @contextmanager
    def frozen():
        cluster.send_to_all(signal.SIGSTOP)
        try:
            yield
        finally:
            cluster.send_to_all(signal.SIGCONT)

    @contextmanager
    def silent(network):
        network.silence()
        try:
            yield
        finally:
            network.mend()

    try:
        with link_to(cluster.port) as network:
            dsn = cluster.dsn().replace(f":{cluster.port}/", f":{network.port}/")
            with running_sage(workspace, **NO_PROVIDER, DATABASE_URL=dsn) as sage:
                yield sage, cluster, {"frozen": frozen, "silent": lambda: silent(network)}
    finally:
        cluster.stop()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["frozen", "silent"])
async def test_every_call_is_answered_in_time_and_no_connection_is_kept(frozen_for_a_while, how):
    sage, cluster, ways = frozen_for_a_while
    async with httpx.AsyncClient(base_url=sage.url, timeout=PATIENCE_S, trust_env=False) as client:

        async def save(number):
            body = {"user_prompt": f"errand {number}", "assistant_response": "noted"}
            return await client.post("/api/v1/conversations", json=body)

        assert (await save("before")).status_code == 200
        with ways[how]():
            calls = [asyncio.create_task(save(number)) for number in range(CALLS)]
            while not all(call.done() for call in calls):
                assert (await client.get("/health/liveness")).status_code == 200
                await asyncio.sleep(0.2)
            assert (await client.get("/health/readiness")).status_code == 503
            figures = parsed((await client.get("/metrics")).text)
            assert figures.value("sage_database_up") == 0
            assert figures.value("sage_queue_pending") is None
            assert figures.value("sage_database_pool_limit") > 0
            for answer in await asyncio.gather(*calls):
                assert answer.status_code == 503
                assert answer.headers["retry-after"]
                assert answer.json()["hint"]
        wait_for(sage.is_ready)
        answers = await asyncio.gather(*map(save, range(100, 100 + CALLS)))
        assert {answer.status_code for answer in answers} == {200}
    assert int(cluster.ask(CONNECTIONS)) <= MAX_CONNECTIONS
    assert sage.starts == 1

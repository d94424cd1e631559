"""Many calls at once: they are answered late rather than refused."""

from __future__ import annotations

import asyncio
from functools import partial

import asyncpg
import httpx

from sage.service import configured_database
from sage.store.connections.pool import open_database
from tests.support import plain_http
from tests.support.scraping import parsed
from tests.support.serving import serving, settings_for, wait_until

AT_ONCE = 50
SLOWLY = """
CREATE OR REPLACE FUNCTION sage.vector_distance(one halfvec, other halfvec)
RETURNS double precision LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.06);
    RETURN one <=> other;
END
$$
"""
SEARCH = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "search_memory", "arguments": {"query": "Where do herons nest?"}},
}
HEADERS = {"accept": "application/json, text/event-stream"}


async def test_fifty_searches_at_once_wait_for_few_slow_connections_and_probes_do_not(
    postgres_dsn, tmp_path, monkeypatch
):
    """Together they take the only connection that works in spaces for over five seconds."""
    monkeypatch.setattr(configured_database, "open_database", partial(open_database, max_size=2))
    with serving(settings_for(postgres_dsn, tmp_path)) as url:
        async with httpx.AsyncClient(base_url=url, headers=HEADERS, timeout=90) as client:
            said = {"user_prompt": "Where?", "assistant_response": "Herons nest by the mill."}
            assert (await client.post("/api/v1/conversations", json=said)).is_success
            wait_until(lambda: of_metrics(url, "sage_queue_pending") == 0, "the vector")
            conn = await asyncpg.connect(postgres_dsn)
            await conn.execute(SLOWLY)
            await conn.close()
            searches = [
                asyncio.create_task(client.post("/mcp", json=SEARCH)) for _ in range(AT_ONCE)
            ]
            waits = partial(wait_until, lambda: of_metrics(url, "sage_database_pool_waiting") > 0)
            await asyncio.to_thread(waits, "a search that waits for a connection")
            assert (await client.get("/health/readiness")).status_code == 200
            assert await asyncio.to_thread(of_metrics, url, "sage_database_up") == 1
            answers = [(await search).json()["result"] for search in searches]
    refused = [one["content"] for one in answers if one["isError"]]
    assert refused == []
    assert all("by the mill" in str(one["content"]) for one in answers)
    assert not any("degraded" in one["structuredContent"] for one in answers)


def of_metrics(url, name):
    return parsed(plain_http.get(f"{url}/metrics").text).value(name)

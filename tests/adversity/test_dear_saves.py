"""Saves that take long to compute: what others notice, and what is left of the work."""

import json
import random
import socket
import statistics
import string
import threading
import time
from contextlib import ExitStack, contextmanager, suppress

import httpx
import psutil
import pytest

from sage.access.accounts.spaces import create_space
from sage.access.accounts.tokens import create_token
from sage.domain.caller import SpaceRole
from sage.store.connections.pool import open_database
from tests.support.faults.sage_process import running_sage
from tests.support.faults.surroundings import NO_PROVIDER
from tests.support.serving import DEADLINE_S, wait_until

CLIENTS = 8
SEARCHES = 25
MESSAGES = 36
CHARS = 100_000


def dear_save():
    """Return a call of 3.6 MB: half of the text that is dearest to mask, half of that to cut."""
    made = random.Random(7)
    words = " ".join("".join(made.choices(string.ascii_lowercase, k=4)) for _ in range(20_000))
    texts = ("pwd:" * (CHARS // 4), words[:CHARS])
    messages = [{"role": "user", "content": texts[at % 2]} for at in range(MESSAGES)]
    params = {"name": "save_conversation", "arguments": {"messages": messages}}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})


def calling(url, token):
    headers = {
        "authorization": f"Bearer {token}",
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
    }
    return httpx.Client(base_url=url, headers=headers, timeout=180)


@pytest.fixture
async def tokens(postgres_dsn):
    database = await open_database(postgres_dsn, max_size=1)
    async with database.across_spaces() as conn:
        made = []
        for name in ("mill", "pond"):
            await create_space(conn, name)
            made.append(await create_token(conn, {name: SpaceRole.WRITER}, name=name))
    await database.close()
    return made


@pytest.fixture
def sage(postgres_dsn, workspace):
    with running_sage(workspace, **NO_PROVIDER, DATABASE_URL=postgres_dsn) as running:
        yield running


def search_s(client):
    began = time.perf_counter()
    found = client.post("/api/v1/search", json={"query": "where do the herons nest?"})
    assert found.status_code == 200, found.text
    return time.perf_counter() - began


def median_search_s(client):
    return statistics.median(search_s(client) for _ in range(SEARCHES))


@contextmanager
def dear_saves(sage, token):
    """Save the dearest call again and again, by several clients at once; then Sage is killed."""
    body = dear_save()

    def work():
        with calling(sage.url, token) as client, suppress(httpx.TransportError):
            while client.post("/mcp", content=body).is_success:
                pass

    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        yield
    finally:
        sage.kill()
        for client in clients:
            client.join()


def wait_until_at_work(sage):
    server = psutil.Process(sage.pid)
    used = server.cpu_times().user
    wait_until(lambda: server.cpu_times().user > used + 2, "work on the saves")


def test_dear_saves_of_one_token_hardly_slow_the_searches_of_another(sage, tokens):
    writer, reader = tokens
    with calling(sage.url, reader) as client:
        note = {"messages": [{"role": "user", "content": "The herons nest by the mill."}]}
        assert client.post("/api/v1/conversations", json=note).is_success
        alone_s = max(median_search_s(client) for _ in range(3))
        with dear_saves(sage, writer):
            wait_until_at_work(sage)
            beside_s = min(median_search_s(client) for _ in range(3))
    assert beside_s < 3 * alone_s  # of three medians each: other programs take their share, too


def test_saves_whose_callers_hang_up_are_given_up(sage, tokens):
    writer, _ = tokens
    body = dear_save().encode()
    head = (
        "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        f"accept: application/json, text/event-stream\r\nauthorization: Bearer {writer}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    with ExitStack() as callers:
        for _ in range(CLIENTS):
            caller = socket.create_connection(("127.0.0.1", sage.port), timeout=DEADLINE_S)
            callers.enter_context(caller).sendall(head.encode() + body)
        wait_until_at_work(sage)
    with calling(sage.url, writer) as client:
        long = {"messages": [{"role": "user", "content": "The herons nest by the mill. " * 200}]}
        assert client.post("/api/v1/conversations", json=long).is_success  # when its turn comes
        assert client.get("/api/v1/stats").json()["memories"] == 1


def test_sage_stops_in_time_in_the_midst_of_dear_saves(sage, tokens):
    with dear_saves(sage, tokens[0]):
        wait_until_at_work(sage)
        sage.stop(within_s=10)

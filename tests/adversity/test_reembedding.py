"""A move to another model that is killed again and again while clients search all the time.

The two models make vectors of one length that mean nothing to each other, and the questions share
no word with what they ask for. So a search that compared vectors of both, or did without any, would
not find its memory: each answer of each client is looked at.

At a larger scale: SAGE_TEST_REEMBED_MEMORIES=20000 SAGE_TEST_REEMBED_CLIENTS=8.
"""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache

import httpx
import pytest
from mcp import Client

from sage.service.embedding import CHUNKS_A_CALL
from sage.service.indexing import MAX_CALLS_AT_ONCE
from tests.architecture.sources import INSTALLED
from tests.support.embedded_lab import kill_server
from tests.support.fake_siliconflow import KEY, FakeSiliconFlow
from tests.support.forked import start_sage

MEMORIES = int(os.environ.get("SAGE_TEST_REEMBED_MEMORIES", "800"))
CLIENTS = int(os.environ.get("SAGE_TEST_REEMBED_CLIENTS", "4"))
KILLS = 3
SAMPLE = 60
OLD, NEW = "BAAI/bge-m3", "Pro/BAAI/bge-m3"
PATIENCE_S = 60 + MEMORIES / 10
CONSONANTS, VOWELS = "bdfgklmnprst", "aeiou"
REST = "/api/v1"

pytestmark = pytest.mark.timeout(4 * PATIENCE_S)


def words(number):
    """Make three words up that no other memory has, and that read differently backwards."""
    chance = random.Random(number)
    return [
        "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(4)) for _ in "123"
    ]


@cache
def memory(number):
    return " ".join(words(number))


def question(number):
    return " ".join(word[::-1] for word in words(number))


@dataclass
class Seen:
    """What the clients got: how many answers, and which were not as they must be."""

    answers: Counter = field(default_factory=Counter)
    wrong: list = field(default_factory=list)

    def note(self, client, number, results, degraded=(), **_):
        self.answers[client] += 1
        found = [result["content"] for result in results]
        if degraded or memory(number) not in found[:1]:
            self.wrong.append((client, number, degraded, found))


class Home:
    """A data directory with its settings, and the processes that use it."""

    def __init__(self, data_dir, fake):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(INSTALLED),
            "SAGE_DATA_DIR": str(data_dir),
            "MCP_SERVER_PORT": str(self.port),
            "SILICONFLOW_API_KEY": KEY,
            "SILICONFLOW_BASE_URL": fake.url,
            "EMBEDDING_MODEL": OLD,
            "RERANKER_PROVIDER": "none",
        }
        self.log = data_dir.with_suffix(".log")

    async def launch(self, *argv, **environ):
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sage", *argv),
            cwd=self.log.parent,
            env=self.environ | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    @asynccontextmanager
    async def served(self, **environ):
        with self.log.open("ab") as log:
            process = start_sage(
                ["serve"], cwd=self.log.parent, env=self.environ | environ, output=log
            )
        try:
            async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
                await until(lambda: _answers(client, "/health/readiness"), "readiness")
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait) == 0


async def _answers(client, path):
    try:
        return (await client.get(path)).is_success
    except httpx.TransportError:
        return False


async def until(condition, what):
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():
            await asyncio.sleep(0.05)
        return
    raise AssertionError(what)


@pytest.fixture
async def fake():
    async with FakeSiliconFlow() as running:
        yield running


@pytest.fixture
def home(data_dir, fake):
    return Home(data_dir, fake)


async def save_all(client):
    for start in range(0, MEMORIES, 100):
        numbers = range(start, min(start + 100, MEMORIES))
        saved = await client.post(
            f"{REST}/conversations",
            json={
                "session_id": f"session {start}",
                "messages": [{"role": "user", "content": memory(number)} for number in numbers],
            },
        )
        assert saved.status_code == 200, saved.text


async def all_embedded(client):
    async def done():
        queue = (await client.get(f"{REST}/stats")).json()["queue"]
        assert queue["failed"] == 0
        return queue["pending"] == 0

    await until(done, "the queue did not empty")


async def recall(client):
    """Tell which share of a sample of questions finds its memory first."""
    found = Seen()
    for number in random.Random(0).sample(range(MEMORIES), SAMPLE):
        await ask_rest(client, number, "sample", found)
    return 1 - len(found.wrong) / SAMPLE


async def ask_rest(client, number, name, seen):
    answer = await client.post(f"{REST}/search", json={"query": question(number), "n": 3})
    if answer.status_code == 200:
        seen.note(name, number, **answer.json())
    else:
        seen.wrong.append((name, number, answer.status_code, answer.text))


async def ask_mcp(client, number, name, seen):
    answer = await client.call_tool("search_memory", {"query": question(number), "n": 3})
    if answer.is_error:
        seen.wrong.append((name, number, "error", answer.content))
    else:
        seen.note(name, number, **answer.structured_content)


async def search_for_ever(home, place, seen):
    """Ask one question after the other, over REST or over MCP."""
    chance = random.Random(place)
    async with AsyncExitStack() as stack:
        if place % 2:
            ask, client = ask_mcp, await stack.enter_async_context(Client(f"{home.url}/mcp"))
        else:
            ask = ask_rest
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=home.url, timeout=30)
            )
        while True:
            await ask(client, chance.randrange(MEMORIES), f"client {place}", seen)


def embedded_with(fake, model):
    return sum(fake.models.embedded[model][memory(number)] for number in range(MEMORIES))


async def on_its_way(home, fake, done):
    """Start the move, and give its process when it has begun and so many memories are embedded."""
    asked = asked_with(fake, NEW)
    process = await home.launch("reembed", EMBEDDING_MODEL=NEW)

    async def far_enough():
        assert process.returncode is None, await process.stdout.read()
        return asked_with(fake, NEW) > asked and len(fake.models.embedded[NEW]) >= done

    await until(far_enough, "the move did not get on")
    return process


async def test_a_move_killed_three_times_is_never_noticed_by_those_who_search(home, fake):
    seen = Seen()
    async with home.served() as client:
        await save_all(client)
        await all_embedded(client)
        before = await recall(client)
        searching = [
            asyncio.create_task(search_for_ever(home, place, seen)) for place in range(CLIENTS)
        ]
        began = time.monotonic()
        for kill in range(1, KILLS + 1):
            process = await on_its_way(home, fake, kill * MEMORIES // (KILLS + 1))
            process.kill()
            await process.wait()
        during = await recall(client)
        assert (await client.get(f"{REST}/stats")).json()["embedding_model"] == OLD
        queries_of_new = asked_with(fake, NEW)
        mover = await home.launch("reembed", EMBEDDING_MODEL=NEW)
        said, _ = await mover.communicate()
        assert mover.returncode == 0, said
        took_s = time.monotonic() - began

        async def switched():
            return (await client.get(f"{REST}/stats")).json()["embedding_model"] == NEW

        await until(switched, "the switch was not noticed")
        after = await recall(client)
        for task in searching:
            assert not task.done(), task.exception()
            task.cancel()
        await asyncio.gather(*searching, return_exceptions=True)
    report = f"{sum(seen.answers.values())} answers to {CLIENTS} clients, {took_s:.0f} s"
    assert seen.wrong == [], report
    assert len(seen.answers) == CLIENTS
    assert min(seen.answers.values()) >= 20
    assert before == during == 1
    assert after >= before
    assert queries_of_new == KILLS, "a model was asked a question before it served"
    assert asked_with(fake, NEW) > queries_of_new + SAMPLE
    counts = [fake.models.embedded[NEW][memory(number)] for number in range(MEMORIES)]
    assert min(counts) == 1
    assert sum(counts) - MEMORIES <= KILLS * CHUNKS_A_CALL * MAX_CALLS_AT_ONCE
    assert embedded_with(fake, OLD) == MEMORIES
    sys.stdout.write(
        f"{report}; {sum(counts) - MEMORIES} embedded twice; recall {before} {during} {after}\n"
    )


def asked_with(fake, model):
    """Count the requests that a model answered and that held no memory, but a question."""
    memories = {memory(number) for number in range(MEMORIES)}
    return sum(
        request.body["model"] == model and memories.isdisjoint(request.body["input"])
        for request in fake.requests
    )


async def test_a_move_goes_on_when_the_embedded_postgres_dies_under_it(home, fake, data_dir):
    async with home.served() as client:
        await save_all(client)
        await all_embedded(client)
    mover = await on_its_way(home, fake, MEMORIES // 2)
    kill_server(data_dir, with_children=False)
    said, _ = await mover.communicate()
    assert mover.returncode == 0, said
    assert f"embedded {MEMORIES:,} memories" in said.decode()
    async with home.served(EMBEDDING_MODEL=NEW) as client:
        assert (await client.get(f"{REST}/stats")).json()["embedding_model"] == NEW
        assert await recall(client) == 1

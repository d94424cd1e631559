"""Every fault of a provider, through the real services on a real Postgres."""

import asyncio
import time
from contextlib import asynccontextmanager

import asyncpg
import numpy as np
import pytest

from sage.bootstrap import open_services
from sage.config.model_settings import EmbeddingSettings, RerankerSettings, SiliconFlowSettings
from sage.config.settings import DatabaseSettings, Settings
from sage.domain.gathering import ContextRequest
from sage.domain.memories import Message, SaveRequest
from sage.domain.searching import SearchRequest
from sage.service.active_model import ActiveModel
from sage.service.indexing import MAX_CALLS_AT_ONCE, Indexer
from sage.service.schema_gate import SchemaGate
from tests.support.fake_siliconflow import FAULTS, KEY, FakeSiliconFlow
from tests.support.hasty import HASTY

SAVES = 24
MAX_SAVE_S = 1.0
BEARABLE = {"none", "shuffled"}


@pytest.fixture
async def fake():
    async with FakeSiliconFlow() as running:
        yield running


@pytest.fixture
def settings_of(fake, postgres_dsn, tmp_path, monkeypatch):
    monkeypatch.setattr("sage.providers.registry.Timings", lambda: HASTY)

    def make(**groups):
        account = SiliconFlowSettings(api_key=KEY, base_url=fake.url)
        return Settings(
            data_dir=tmp_path,
            database=DatabaseSettings(dsn=postgres_dsn),
            siliconflow=account,
            **groups,
        )

    return make


@asynccontextmanager
async def opened(settings):
    async with open_services(settings) as services:
        async with asyncio.timeout(20):
            while not (await services.health.readiness()).ready:
                await asyncio.sleep(0.02)
        yield services


async def save(services, text):
    started_at = time.monotonic()
    await services.memory.save(SaveRequest((Message.validate("user", text),)))
    return time.monotonic() - started_at


async def all_embedded(services):
    async with asyncio.timeout(30):
        while True:
            waiting = (await services.memory.stats("default")).queue
            assert waiting.failed == 0
            if not waiting.pending:
                return
            await asyncio.sleep(0.05)


async def undegraded(ask, request):
    """Ask until nothing was skipped: on a busy machine a deadline of half a second can pass."""
    async with asyncio.timeout(30):
        while (answer := await ask(request)).degraded:
            await asyncio.sleep(0.05)
    return answer


async def health_trouble(services):
    """Wait until health calls the embedding degraded: a refusal is judged by a second text."""
    async with asyncio.timeout(30):
        while True:
            check = (await services.health.detailed()).checks["embedding"]
            if check.status == "degraded":
                return check.detail
            await asyncio.sleep(0.02)


async def stored_vectors(dsn):
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch("SELECT memory_id, embedding::text AS numbers FROM sage.embeddings")
    finally:
        await conn.close()
    vectors = [np.array(row["numbers"][1:-1].split(","), dtype=float) for row in rows]
    return [row["memory_id"] for row in rows], vectors


@pytest.mark.parametrize("fault", FAULTS)
async def test_saves_are_answered_search_goes_on_and_all_is_embedded_afterwards(
    fake, settings_of, postgres_dsn, fault
):
    without_reranker = settings_of(reranker=RerankerSettings(provider="none"))
    async with opened(without_reranker) as services:
        await fake.inject(fault)
        took = [await save(services, f"the heron numbered {n} nests") for n in range(SAVES)]
        assert max(took) < MAX_SAVE_S
        found = await services.memory.search(SearchRequest("where does the heron nest", n=3))
        assert len(found.results) == 3
        degraded = {skipped.part: skipped.reason for skipped in found.degraded}
        if fault not in BEARABLE:
            assert "SiliconFlow" in degraded["embedding"]
            waiting = (await services.memory.stats("default")).queue
            assert (waiting.pending, waiting.failed) == (SAVES, 0)
            assert "SiliconFlow" in await health_trouble(services)
            assert (await services.health.readiness()).ready
        await fake.inject("none")
        await all_embedded(services)
        memory_ids, vectors = await stored_vectors(postgres_dsn)
        assert len(memory_ids) == len(set(memory_ids)) == SAVES
        assert all(vector.shape == (1024,) for vector in vectors)
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-2)
        answer = await services.memory.search(SearchRequest("heron again", n=3))
        assert answer.degraded == ()


async def test_a_refused_key_burns_no_attempts(fake, settings_of, postgres_dsn):
    await fake.inject("unauthorized")
    async with opened(settings_of(embedding=EmbeddingSettings())) as services:
        await save(services, "the heron nests")
        async with asyncio.timeout(20):
            while len(fake.requests) < 4:
                await asyncio.sleep(0.02)
    conn = await asyncpg.connect(postgres_dsn)
    try:
        attempts, failed_at = await conn.fetchrow(
            "SELECT attempts, failed_at FROM sage.embedding_queue"
        )
    finally:
        await conn.close()
    assert attempts <= 1  # one may be leased as Sage ends
    assert failed_at is None


async def test_one_poisonous_text_keeps_no_other_from_its_vector(fake, settings_of, postgres_dsn):
    await fake.inject("error", only_with="poison")
    async with opened(settings_of()) as services:
        for number in range(SAVES):
            await save(services, f"the heron {'poison' if number == 5 else number}")
        async with asyncio.timeout(30):
            while (await services.memory.stats("default")).queue.pending > 1:
                await asyncio.sleep(0.05)
        assert len((await stored_vectors(postgres_dsn))[0]) == SAVES - 1
        await fake.inject("none")
        await all_embedded(services)


@pytest.mark.parametrize(
    ("owner", "name"), [(Indexer, "run"), (SchemaGate, "run"), (ActiveModel, "follow")]
)
async def test_work_in_the_background_that_fails_is_told_and_begun_again(
    settings_of, monkeypatch, caplog, owner, name
):
    work = getattr(owner, name)
    failures = []

    async def fail_at_first(*args):
        if len(failures) < MAX_CALLS_AT_ONCE:
            failures.append("of a kind nobody thought of")
            raise ValueError(failures[-1])
        await work(*args)

    monkeypatch.setattr(owner, name, fail_at_first)
    async with opened(settings_of()) as services:
        await save(services, "the heron nests")
        await all_embedded(services)
        async with asyncio.timeout(20):
            while len(failures) < MAX_CALLS_AT_ONCE:
                await asyncio.sleep(0.02)
    assert caplog.text.count("background_work_failed") >= MAX_CALLS_AT_ONCE


async def test_long_messages_get_through_a_small_quota_and_no_text_is_paid_for_twice(
    fake, settings_of
):
    long_ones = [f"{number} heron nests {'by the millpond ' * 3000}" for number in range(8)]
    total = sum(map(len, long_ones))
    fake.quota_chars, fake.retry_after = total / 4, "0"
    async with opened(settings_of(embedding=EmbeddingSettings())) as services:
        await services.memory.save(
            SaveRequest(tuple(Message.validate("user", text) for text in long_ones))
        )
        await all_embedded(services)
    (counts,) = fake.models.embedded.values()
    assert sum(len(text) * times for text, times in counts.items()) < 1.1 * total


@pytest.mark.parametrize("fault", ["overloaded", "timeout", "unauthorized", "html", "refuse"])
async def test_results_come_without_reranker_and_summary_when_they_are_down(
    fake, settings_of, fault
):
    async with opened(settings_of()) as services:
        for number in range(4):
            await save(services, f"the heron numbered {number} nests")
        await all_embedded(services)
        asked = ContextRequest("heron", rerank=True, summarize=True)
        whole = await undegraded(services.memory.context, asked)
        assert "<sage-summary>" in whole.context
        found = await undegraded(services.memory.search, SearchRequest("heron", explain=True))
        assert "reranker" in found.results[0].signals
        await fake.inject(fault, only_for="/r" if fault != "refuse" else "")
        without = await services.memory.context(asked)
        assert len(without.memories) == 4
        assert "reranker" in {skipped.part for skipped in without.degraded}
        assert (await services.health.detailed()).checks["reranker"].status == "degraded"
        await fake.inject(fault, only_for="/chat")
        silent = await services.memory.context(asked)
        assert "summary" in {skipped.part for skipped in silent.degraded}
        assert "<sage-summary>" not in silent.context
        assert len(silent.memories) == 4

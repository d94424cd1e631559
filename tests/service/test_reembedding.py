import asyncio
from contextlib import suppress

import pytest

from sage.domain.memories import ForgetRequest
from sage.errors import (
    ProviderRejectedError,
    ProviderUnavailableError,
    SageError,
    StoreUnavailableError,
)
from sage.service import reembedding as service
from sage.service.embedding import CHUNKS_A_CALL
from sage.service.reembedding import Reembedding
from sage.store import reembedding, serving
from sage.store.named_sql import query
from tests.support.embedders import BagOfWordsEmbedder

MANY = 100


class Watcher:
    """Keeps what it is told."""

    def __init__(self):
        self.left = None
        self.done = 0
        self.reasons = []
        self.steps = []

    def begin(self, left):
        self.left = left

    def advance(self, done):
        self.done += done

    def wait(self, reason):
        self.reasons.append(reason)

    def step(self, text):
        self.steps.append(text)


@pytest.fixture
def small():
    return BagOfWordsEmbedder(32)


@pytest.fixture
def watcher():
    return Watcher()


@pytest.fixture
def reembed(rig, small, watcher):
    async def run():
        return await Reembedding(rig.database, small, watcher).move()

    return run


@pytest.fixture
async def filled(rig):
    """Give a memory whose vectors are there, and what was saved."""
    saved = await rig.save(*(f"heron number {number}" for number in range(MANY)))
    await rig.index()
    return saved


async def served(rig):
    async with rig.database.connection() as conn:
        return (await serving.read_serving_model(conn)).model


async def vectors(rig):
    async with rig.database.connection() as conn:
        rows = await conn.fetch(
            "SELECT dimensions, count(*) AS n FROM embeddings JOIN embedding_models"
            " USING (model_id) GROUP BY 1"
        )
    return {row["dimensions"]: row["n"] for row in rows}


@pytest.mark.usefixtures("filled")
async def test_every_memory_is_embedded_once_and_the_new_model_answers(
    rig, reembed, small, watcher
):
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued) == (MANY, 0, 0)
    assert small.texts_embedded == MANY + 1  # and a question, whether it is there
    assert (watcher.left, watcher.done) == (MANY, MANY)
    assert await served(rig) == small.model
    assert await vectors(rig) == {64: MANY, 32: MANY}
    assert (await rig.queue_stats()).pending == 0


@pytest.mark.usefixtures("filled")
async def test_the_switch_waits_for_its_indexes_while_another_process_builds_some(
    rig, reembed, monkeypatch
):
    told_to_wait, build = 0, service.build_vector_indexes

    async def counted(*args):
        nonlocal told_to_wait
        built = await build(*args)
        told_to_wait += built is None
        return built

    monkeypatch.setattr(service, "build_vector_indexes", counted)
    monkeypatch.setattr(service, "_TURN_POLL_S", 0.02)
    async with rig.database.transaction() as other:
        await other.execute(query("take_index_turn"))
        move = asyncio.create_task(reembed())
        async with asyncio.timeout(20):
            while told_to_wait < 2:
                await asyncio.sleep(0.02)
        assert await served(rig) == rig.embedder.model
    assert (await move).embedded == MANY


@pytest.mark.usefixtures("filled")
async def test_what_a_stopped_run_did_is_not_done_again(rig, reembed, small, watcher):
    embed, calls = small.embed_passages, 0

    async def embed_twice(texts):
        nonlocal calls
        calls += len(texts) > 1
        return await (embed(texts) if calls <= 2 else asyncio.sleep(3600))

    small.embed_passages = embed_twice
    stopped = asyncio.create_task(reembed())
    async with asyncio.timeout(20):
        while (await vectors(rig)).get(32, 0) < 64:
            await asyncio.sleep(0.02)
    stopped.cancel()
    with suppress(asyncio.CancelledError):
        await stopped
    assert await served(rig) == rig.embedder.model
    small.embed_passages = embed
    assert (await reembed()).embedded == MANY - 64
    assert small.texts_embedded == MANY + 2
    assert watcher.left == MANY - 64


@pytest.mark.usefixtures("filled")
async def test_an_outage_on_the_way_is_waited_out_and_told(rig, reembed, small, watcher):
    embed, calls = small.embed_passages, 0

    async def fail_twice(texts):
        nonlocal calls
        calls += 1
        if calls in {2, 3}:
            raise ProviderUnavailableError("the provider is away", retry_in_s=0.01)
        return await embed(texts)

    small.embed_passages = fail_twice
    assert (await reembed()).embedded == MANY
    assert watcher.reasons == ["the provider is away"] * 2
    assert await served(rig) == small.model


async def test_long_messages_are_embedded_a_call_at_a_time_and_no_call_is_done_twice(
    rig, reembed, small
):
    await rig.save(*(" ".join(f"part {n}.{part}" for part in range(1500)) for n in range(4)))
    await rig.index()
    embed, lengths = small.embed_passages, []

    async def fail_every_other(texts):
        lengths.append(len(texts))
        if len(texts) > 1 and len(lengths) % 2:
            raise ProviderUnavailableError("the provider is away", retry_in_s=0.01)
        return await embed(texts)

    small.embed_passages = fail_every_other
    assert (await reembed()).embedded == 4
    assert max(lengths) <= CHUNKS_A_CALL
    assert small.texts_embedded == (await vectors(rig))[32] + 1  # and a question


@pytest.mark.usefixtures("filled")
async def test_a_database_that_is_away_costs_no_second_call(rig, reembed, small, monkeypatch):
    store, calls = rig.database.transaction, 0

    def fail_at_first():
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise StoreUnavailableError("the database is away")
        return store()

    monkeypatch.setattr("sage.service.reembedding.outage_rest_s", lambda *_: 0.01)
    monkeypatch.setattr(rig.database, "transaction", fail_at_first)
    assert (await reembed()).embedded == MANY
    assert small.texts_embedded == MANY + 1


@pytest.mark.usefixtures("filled")
async def test_a_model_that_does_not_answer_at_the_beginning_changes_nothing(rig, reembed, small):
    small.failure = ProviderUnavailableError("the key is refused")
    with pytest.raises(ProviderUnavailableError, match="key is refused"):
        await reembed()
    assert await served(rig) == rig.embedder.model


@pytest.mark.usefixtures("filled")
async def test_refused_texts_are_counted_and_do_not_hold_up_the_others(rig, reembed, small):
    await rig.save("poison one", "poison two")
    await rig.index()
    small.refused_word = "poison"
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued) == (MANY, 2, 0)
    assert (await rig.queue_stats()).failed == 2
    assert await served(rig) == small.model


@pytest.mark.usefixtures("filled")
async def test_a_model_that_refuses_most_texts_does_not_get_to_answer(rig, reembed, small):
    small.refused_word = "heron"
    with pytest.raises(SageError, match="refuses most"):
        await reembed()
    assert await served(rig) == rig.embedder.model


async def test_a_text_that_only_failed_waits_in_the_queue(reembed, small, filled):
    embed = small.embed_passages

    async def stumble(texts):
        if "heron number 7" in texts:
            raise ProviderRejectedError("it stumbled", lasting=False)
        return await embed(texts)

    small.embed_passages = stumble
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued) == (len(filled.memory_ids) - 1, 0, 1)


async def test_forgotten_memories_are_not_sent_anywhere(rig, reembed, small, filled):
    await rig.memory.forget(ForgetRequest(filled.memory_ids[:10]))
    assert (await reembed()).embedded == MANY - 10
    assert small.texts_embedded == MANY - 10 + 1


@pytest.mark.usefixtures("filled")
async def test_what_is_saved_on_the_way_is_embedded_or_queued(rig, reembed, small):
    embed = small.embed_passages

    async def save_meanwhile(texts):
        if len(texts) > 1:
            await rig.save(f"said meanwhile, about {texts[0]}")
        return await embed(texts)

    small.embed_passages = save_meanwhile
    moved = await reembed()
    total = (await rig.memory.stats("default")).memories
    assert total > MANY
    assert moved.embedded + moved.queued == total


@pytest.mark.usefixtures("filled")
async def test_moving_back_embeds_only_what_was_saved_since(rig, reembed, watcher):
    await reembed()
    await rig.save("saved since")
    moved = await Reembedding(rig.database, rig.embedder, watcher).move()
    assert moved.embedded == 1
    assert await served(rig) == rig.embedder.model


@pytest.mark.usefixtures("filled")
async def test_old_vectors_go_when_told_and_never_those_of_the_model_that_answers(
    rig, reembed, small
):
    assert await reembedding.drop_old_vectors(rig.database) == []
    await reembed()
    (dropped,) = await reembedding.drop_old_vectors(rig.database)
    assert (dropped.model, dropped.vectors) == (rig.embedder.model, MANY)
    assert await vectors(rig) == {32: MANY}
    assert await served(rig) == small.model
    assert await reembedding.drop_old_vectors(rig.database) == []


async def test_one_move_at_a_time_and_the_next_one_as_soon_as_it_is_over(database):
    async with reembedding.reembedding_turn(database):
        with pytest.raises(SageError, match="another `sage reembed`"):
            async with reembedding.reembedding_turn(database):
                pass
    async with reembedding.reembedding_turn(database):
        pass

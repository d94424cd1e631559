import asyncio
from contextlib import suppress

import pytest

from sage.domain.memories import ForgetRequest
from sage.errors import (
    ProviderUnavailableError,
    SageError,
)
from sage.service import reembedding as service
from sage.service.embedding_progress import EmbeddingProgress
from sage.service.reembedding import Reembedder
from sage.store import reembedding
from sage.store.named_sql import query

MANY = 100


@pytest.mark.usefixtures("filled")
async def test_every_memory_is_embedded_once_and_the_new_model_answers(
    rig, reembed, small, watcher
):
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued) == (MANY, 0, 0)
    assert small.texts_embedded == MANY + 1  # and a question, whether it is there
    assert (watcher.left, watcher.done) == (MANY, MANY)
    assert await rig.served() == small.model
    assert await rig.vectors() == {64: MANY, 32: MANY}
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
    async with rig.database.transaction_across_spaces() as other:
        await other.execute(query("try_lock_index_build"))
        move = asyncio.create_task(reembed())
        async with asyncio.timeout(20):
            while told_to_wait < 2:
                await asyncio.sleep(0.02)
        assert await rig.served() == rig.embedder.model
    assert (await move).embedded == MANY


@pytest.mark.usefixtures("filled")
async def test_what_a_stopped_run_did_is_not_done_again(rig, reembed, small, watcher):
    embed, calls = small.embed_passages, 0

    async def embed_twice(texts):
        nonlocal calls
        calls += len(texts) > 1
        return await (embed(texts) if calls <= 2 else asyncio.sleep(3600))

    small.embed_passages = embed_twice
    progress = EmbeddingProgress(rig.database, rig.model)
    told = await progress.report()
    assert (told.to, told.begun, told.done, told.left, told.counted_at) == (None, False, 0, 0, None)
    stopped = asyncio.create_task(reembed())
    async with asyncio.timeout(20):
        while (await rig.vectors()).get(32, 0) < 64:
            await asyncio.sleep(0.02)
    stopped.cancel()
    with suppress(asyncio.CancelledError):
        await stopped
    assert await rig.served() == rig.embedder.model
    told = await progress.report()
    assert (told.active.dimensions, told.to.dimensions, told.begun) == (64, 32, True)
    assert (told.done, told.left) == (64, MANY - 64)
    small.embed_passages = embed
    assert (await reembed()).embedded == MANY - 64
    assert small.texts_embedded == MANY + 2
    assert watcher.left == MANY - 64


@pytest.mark.usefixtures("filled")
async def test_a_model_that_does_not_answer_at_the_beginning_changes_nothing(rig, reembed, small):
    small.failure = ProviderUnavailableError("the key is refused")
    with pytest.raises(ProviderUnavailableError, match="key is refused"):
        await reembed()
    assert await rig.served() == rig.embedder.model


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
    moved = await Reembedder(rig.database, rig.embedder, watcher).move()
    assert moved.embedded == 1
    assert await rig.served() == rig.embedder.model


async def test_one_move_at_a_time_and_the_next_one_as_soon_as_it_is_over(database):
    async with reembedding.reembedding_lock(database):
        with pytest.raises(SageError, match="another `sage reembed`"):
            async with reembedding.reembedding_lock(database):
                pass
    async with reembedding.reembedding_lock(database):
        pass

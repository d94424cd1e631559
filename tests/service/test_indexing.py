import asyncio

import pytest

from sage.domain.searching import SearchRequest
from sage.errors import ProviderUnavailableError
from sage.store import queue


async def test_every_memory_gets_its_vectors_also_a_long_one(rig):
    await rig.save("short", "a long one " * 200)
    await rig.index()
    assert await rig.queue_stats() == type(await rig.queue_stats())(pending=0, failed=0)
    assert rig.embedder.texts_embedded > 2


async def test_work_waits_while_the_provider_is_away_and_is_done_afterwards(rig):
    rig.embedder.failure = ProviderUnavailableError("away")
    await rig.save("the ferry leaves at nine")
    await rig.index()
    assert (await rig.queue_stats()).pending == 1
    rig.embedder.failure = None
    running = asyncio.create_task(rig.indexer.run())
    async with asyncio.timeout(20):
        while (await rig.queue_stats()).pending:
            await asyncio.sleep(0.05)
    running.cancel()
    answer = await rig.memory.search(SearchRequest("ferry"))
    assert answer.degraded == ()


async def test_a_refused_text_fails_alone(rig):
    rig.embedder.refused_word = "poison"
    await rig.save(*(f"good {n}" for n in range(9)), "poison")
    await rig.index()
    stats = await rig.queue_stats()
    assert (stats.pending, stats.failed) == (0, 1)
    assert rig.embedder.texts_embedded == 9


async def test_two_indexers_never_embed_a_memory_twice(rig):
    await rig.save(*(f"text {n}" for n in range(100)))
    await asyncio.gather(rig.index(), rig.index(), rig.index())
    assert rig.embedder.texts_embedded == 100
    assert (await rig.queue_stats()).pending == 0


async def test_a_cancelled_indexer_gives_its_rows_back_at_once(rig):
    await rig.save(*(f"text {n}" for n in range(10)))
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(texts):  # noqa: ARG001 - stands in for a slow model
        begun.set()
        await never.wait()

    embed, rig.embedder.embed_passages = rig.embedder.embed_passages, hang
    working = asyncio.create_task(rig.indexer.run())
    await begun.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    rig.embedder.embed_passages = embed
    assert await rig.indexer.work_off_batch() == 10


async def test_a_message_of_a_small_space_does_not_wait_for_the_backlog_of_another(rig):
    for part in range(10):
        await rig.save(*(f"text {part} {n}" for n in range(50)), space_id="large")
    await rig.indexer.work_off_batch()
    await rig.save("the ferry leaves at nine", space_id="small")
    await rig.indexer.work_off_batch()
    async with rig.database.connection() as conn:
        assert (await queue.queue_stats(conn, "small")).pending == 0
        assert (await queue.queue_stats(conn, "large")).pending > 400


async def test_a_worker_that_comes_back_after_its_lease_leaves_the_work_to_the_next(rig):
    await rig.save("the ferry leaves at nine")
    begun, go_on = asyncio.Event(), asyncio.Event()
    embed = rig.embedder.embed_passages

    async def hang(texts):  # stands in for a model that takes longer than the lease
        rig.embedder.embed_passages = embed
        begun.set()
        await go_on.wait()
        raise ProviderUnavailableError(f"{len(texts)} texts took too long")

    rig.embedder.embed_passages = hang
    late = asyncio.create_task(rig.indexer.work_off_batch())
    await begun.wait()
    async with rig.database.connection() as conn:
        await conn.execute("UPDATE embedding_queue SET due_at = now()")
        (held,) = await queue.lease_due(conn, 1, 60)
        go_on.set()
        with pytest.raises(ProviderUnavailableError):
            await late
        assert await queue.lease_due(conn, 1, 60) == []
        await queue.complete(conn, [held])
    assert (await rig.queue_stats()).pending == 0

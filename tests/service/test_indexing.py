import asyncio

from sage.domain.searching import SearchRequest
from sage.errors import ProviderUnavailableError


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

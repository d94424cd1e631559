"""Messages that take long to embed, and what is saved meanwhile."""

import asyncio
import unicodedata

import pytest

from sage.service.indexing import Indexer
from sage.store import queue

LIGATURE = "\ufdfa"
"""One character that is eighteen once it is written out."""


@pytest.mark.parametrize("text", [" ".join(f"word{n}" for n in range(1_000)), f"{LIGATURE} " * 500])
async def test_what_is_saved_while_a_long_text_is_embedded_comes_before_its_end(rig, text):
    called, go_on = asyncio.Event(), asyncio.Event()
    embed, passages = rig.embedder.embed_passages, []

    async def watched(texts):
        passages.append(list(texts))
        called.set()
        await go_on.wait()
        return await embed(texts)

    rig.embedder.embed_passages, rig.embedder.max_chars = watched, 100
    await rig.save(text)
    running = asyncio.create_task(rig.indexer.run())
    async with asyncio.timeout(20):
        await called.wait()
        await rig.save("the ferry leaves at nine")
        go_on.set()
        while (await rig.queue_stats()).pending:
            await asyncio.sleep(0.01)
    running.cancel()
    assert ["the ferry leaves at nine"] in passages[:2]
    embedded = [passage for call in passages for passage in call]
    assert LIGATURE in text or len(embedded) == len(set(embedded))
    assert all(len(unicodedata.normalize("NFKC", passage)) <= 100 for passage in embedded)


async def test_a_row_is_held_for_as_long_as_one_call_of_the_model_takes(rig):
    called, go_on = asyncio.Event(), asyncio.Event()
    embed = rig.embedder.embed_passages

    async def slow(texts):
        called.set()
        await go_on.wait()
        return await embed(texts)

    rig.embedder.embed_passages = slow
    await rig.save("the ferry leaves at nine")
    working = asyncio.create_task(Indexer(rig.schema_gate, lease_s=0.5).work_off_batch())
    async with asyncio.timeout(20):
        await called.wait()
        leased_until = await due_at(rig)
        while (await now(rig)) <= leased_until:
            async with rig.database.across_spaces() as conn:
                assert await queue.lease_due(conn, 16, 60) == []
    go_on.set()
    await working
    assert (await rig.queue_stats()).pending == 0
    assert rig.embedder.texts_embedded == 1


async def due_at(rig):
    async with rig.database.across_spaces() as conn:
        return (await conn.fetchrow("SELECT due_at FROM sage.embedding_queue"))["due_at"]


async def now(rig):
    async with rig.database.across_spaces() as conn:
        return (await conn.fetchrow("SELECT clock_timestamp() AS now"))["now"]

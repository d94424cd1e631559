import asyncio
import gc
from contextlib import suppress

import pytest

from sage.domain.searching import SearchRequest
from sage.errors import ProviderRejectedError, ProviderUnavailableError, StoreUnavailableError
from sage.service import indexing
from sage.service.indexing import Indexer
from sage.service.leasing import Lease
from sage.store import queue
from sage.store.active_model import switch_active_model
from sage.store.connections.pool import Database
from sage.store.vectors import register_model
from tests.support.embedders import BagOfWordsEmbedder


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


def leases():
    """Count the leases in memory."""
    gc.collect()
    return sum(isinstance(one, Lease) for one in gc.get_objects())


async def test_batches_that_wait_for_a_server_of_a_cluster_do_not_add_up(rig, monkeypatch):
    monkeypatch.setattr(Database, "absent_nodes", property(lambda _self: ["a server"]))
    rig.embedder.failure = ProviderUnavailableError("away")
    await rig.save("the ferry leaves at nine")
    before = leases()
    indexer = Indexer(rig.schema_gate, lease_s=0.05)
    for _ in range(5):
        with suppress(ProviderUnavailableError):
            await indexer.work_off_batch()
        await asyncio.sleep(0.1)
    rig.embedder.failure = None  # its traceback holds what it went through
    assert leases() <= before + 1


async def test_a_lasting_failure_is_logged_once_by_all_workers(rig, caplog, monkeypatch):
    caplog.set_level("WARNING", "sage.service.indexing")
    monkeypatch.setattr(indexing, "_STORE_REST_S", 0.01)
    failures = 0

    async def refuse():
        nonlocal failures
        failures += 1
        raise StoreUnavailableError("the ferry is away" if failures < 9 else "the mill is closed")

    monkeypatch.setattr(rig.schema_gate, "active_model", refuse)
    await rig.save("the ferry leaves at nine")
    workers = [asyncio.create_task(rig.indexer.run(number)) for number in range(2)]
    async with asyncio.timeout(20):
        while failures < 20:
            await asyncio.sleep(0.01)
    for worker in workers:
        worker.cancel()
    logged = [one.getMessage() for one in caplog.records if "indexing_paused" in one.getMessage()]
    assert len(logged) == 2
    assert "ferry" in logged[0]
    assert "mill" in logged[1]


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


async def test_an_indexer_that_is_stopped_finishes_its_batch_and_takes_no_other(rig):
    await rig.save(*(f"text {n}" for n in range(40)))
    begun, go_on = asyncio.Event(), asyncio.Event()
    embed = rig.embedder.embed_passages

    async def wait(texts):  # stands in for a slow model
        begun.set()
        await go_on.wait()
        return await embed(texts)

    rig.embedder.embed_passages = wait
    working = asyncio.create_task(Indexer(rig.schema_gate, finish_s=60).run())
    await begun.wait()
    working.cancel()
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(working, return_exceptions=True)
    assert working.cancelled()
    assert rig.embedder.texts_embedded == 16
    assert (await rig.queue_stats()).pending == 24


async def test_a_batch_that_is_not_finished_in_time_is_given_back(rig):
    await rig.save(*(f"text {n}" for n in range(10)))
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(texts):  # noqa: ARG001 - stands in for a model that does not answer
        begun.set()
        await never.wait()

    embed, rig.embedder.embed_passages = rig.embedder.embed_passages, hang
    working = asyncio.create_task(Indexer(rig.schema_gate, finish_s=0.1).run())
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
    async with rig.database.across_spaces() as conn:
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
    async with rig.database.across_spaces() as conn:
        await conn.execute("UPDATE sage.embedding_queue SET due_at = now()")
        (held,) = await queue.lease_due(conn, 1, 60)
        go_on.set()
        with pytest.raises(ProviderUnavailableError):
            await late
        assert await queue.lease_due(conn, 1, 60) == []
        await queue.complete(conn, [held])
    assert (await rig.queue_stats()).pending == 0


LONG = "a long one " * 1200  # 33 chunks of this model: two calls


async def queued(rig):
    async with rig.database.across_spaces() as conn:
        rows = await conn.fetch(
            "SELECT content, due_at, attempts, last_error, failed_at IS NOT NULL AS failed"
            " FROM sage.embedding_queue JOIN sage.memories USING (space_id, memory_id)"
        )
    return {row["content"]: row for row in rows}


async def test_a_short_message_waits_for_one_long_message_at_most(rig):
    await rig.save(*(f"{number} {LONG}" for number in range(20)))
    await rig.indexer.work_off_batch()
    assert len(await queued(rig)) == 19
    await rig.save("the ferry leaves at nine")
    for _ in range(2):
        await rig.indexer.work_off_batch()
    assert "the ferry leaves at nine" not in await queued(rig)
    assert len(await queued(rig)) >= 17
    await rig.index()
    assert await queued(rig) == {}


async def test_short_texts_of_a_batch_are_kept_before_a_long_one_is_begun(rig):
    await rig.save(LONG, *(f"text {number}" for number in range(5)))
    embed = rig.embedder.embed_passages
    waiting = []

    async def look(texts):
        waiting.append(set(await queued(rig)))
        return await embed(texts)

    rig.embedder.embed_passages = look
    await rig.indexer.work_off_batch()
    assert len(waiting[0]) == 6
    assert waiting[1:] == [{LONG}] * 2


async def test_a_message_of_many_calls_gets_on_from_outage_to_outage(rig):
    text = " ".join(f"part {number}" for number in range(3000))
    await rig.save(text)
    embed = rig.embedder.embed_passages
    calls = 0

    async def fail_every_other(texts):
        nonlocal calls
        calls += 1
        if calls % 2:
            raise ProviderUnavailableError("away", retry_in_s=0.01)
        return await embed(texts)

    rig.embedder.embed_passages = fail_every_other
    for _ in range(5):
        await rig.index()
    assert await queued(rig) == {}
    async with rig.database.across_spaces() as conn:
        stored = await conn.fetchval("SELECT count(*) FROM sage.embeddings")
    assert rig.embedder.texts_embedded == stored


async def test_a_refusal_of_the_earlier_model_is_not_held_against_the_next(rig):
    await rig.save("said before")
    await rig.index()
    await rig.save("the heron nests by the mill")

    async def refuse_while_another_takes_over(_texts):
        async with rig.database.across_spaces() as conn:
            small_id = await register_model(conn, BagOfWordsEmbedder(32).model)
        await switch_active_model(rig.database, small_id, {})
        raise ProviderRejectedError("refused by the earlier model")

    rig.embedder.embed_passages = refuse_while_another_takes_over
    with pytest.raises(StoreUnavailableError):
        await rig.indexer.work_off_batch()
    assert not any(row["failed"] for row in (await queued(rig)).values())


async def test_a_failure_nobody_thought_of_is_the_texts_own_and_the_others_are_embedded(rig):
    await rig.save(*(f"text {number}" for number in range(9)), "odd")
    embed = rig.embedder.embed_passages

    async def stumble(texts):
        return {}["nothing"] if "odd" in texts else await embed(texts)

    rig.embedder.embed_passages = stumble
    await rig.index()
    (row,) = (await queued(rig)).values()
    assert not row["failed"]
    assert "unexpected" in row["last_error"]


async def test_a_wait_the_provider_wants_ends_when_another_model_takes_over(rig):
    await rig.save("said before")
    await rig.index()
    await rig.save("the ferry leaves at nine")
    rig.embedder.failure = ProviderUnavailableError("asked too often", retry_in_s=86_400.0)
    small = BagOfWordsEmbedder(32)
    rig.model._reopen = lambda _model: small  # noqa: SLF001 - where a key would be looked up
    running = asyncio.create_task(rig.indexer.run())
    async with asyncio.timeout(20):
        while "asked" not in str((await queued(rig)).popitem()[1]["last_error"]):
            await asyncio.sleep(0.02)
        async with rig.database.across_spaces() as conn:
            small_id = await register_model(conn, small.model)
        await switch_active_model(rig.database, small_id, {})
        while (await rig.queue_stats()).pending:
            await asyncio.sleep(0.05)
    running.cancel()


class Killed(BaseException):
    """Ends a worker as a crash does: it tidies nothing up."""


@pytest.fixture
def deadly(rig):
    """Let every process die over a text with the word `deadly`; give what runs such a process."""
    embed = rig.embedder.embed_passages

    async def die(texts):
        if any("deadly" in text for text in texts):
            raise Killed
        return await embed(texts)

    rig.embedder.embed_passages = die

    async def live_and_die():
        async with rig.database.across_spaces() as conn:
            await conn.execute("UPDATE sage.embedding_queue SET due_at = now()")
        with suppress(Killed):
            while await Indexer(rig.schema_gate).work_off_batch():
                pass

    return live_and_die


async def test_a_text_that_kills_the_process_is_given_up_and_its_neighbours_are_embedded(
    rig, deadly
):
    texts = [f"text {number}" for number in range(12)]
    await rig.save(*texts[:6], "deadly", *texts[6:])
    for _ in range(12):
        await deadly()
    (row,) = (await queued(rig)).values()
    assert row["failed"]
    assert "the process died" in row["last_error"]
    assert rig.embedder.texts_embedded == len(texts)


async def test_outages_give_nothing_up_however_many_there_are(rig):
    await rig.save("the ferry leaves at nine")
    rig.embedder.failure = ProviderUnavailableError("away")
    for _ in range(20):
        await rig.index()
    rig.embedder.failure = None
    await rig.index()
    assert await queued(rig) == {}

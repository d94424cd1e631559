"""A move to another model through outages and refusals, and the deletion of what it left behind."""

import pytest

from sage.domain.memories import QueueStats
from sage.errors import (
    ProviderRejectedError,
    ProviderUnavailableError,
    SageError,
    StoreUnavailableError,
)
from sage.service import reembedding as service
from sage.service.embedding import CHUNKS_A_CALL
from sage.store import reembedding
from sage.store.active_model import read_active_model
from sage.store.connections.connection import Connection

MANY = 100


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
    assert await rig.served() == small.model


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
    assert small.texts_embedded == (await rig.vectors())[32] + 1  # and a question


@pytest.mark.usefixtures("filled")
async def test_a_database_that_is_away_costs_no_second_call(rig, reembed, small, monkeypatch):
    store, calls = rig.database.transaction_across_spaces, 0

    def fail_at_first():
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise StoreUnavailableError("the database is away")
        return store()

    monkeypatch.setattr("sage.service.reembedding.outage_rest_s", lambda *_: 0.01)
    monkeypatch.setattr(rig.database, "transaction_across_spaces", fail_at_first)
    assert (await reembed()).embedded == MANY
    assert small.texts_embedded == MANY + 1


@pytest.mark.usefixtures("filled")
async def test_refused_texts_are_counted_and_do_not_hold_up_the_others(rig, reembed, small):
    await rig.save("poison one", "poison two")
    await rig.index()
    small.refused_word = "poison"
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued) == (MANY, 2, 0)
    assert (await rig.queue_stats()).failed == 2
    assert await rig.served() == small.model


async def test_a_text_that_only_failed_waits_in_the_queue(reembed, small, filled):
    embed = small.embed_passages

    async def stumble(texts):
        if "heron number 7" in texts:
            raise ProviderRejectedError("it failed", permanent=False)
        return await embed(texts)

    small.embed_passages = stumble
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued) == (len(filled.memory_ids) - 1, 0, 1)


@pytest.mark.usefixtures("filled")
async def test_a_text_on_which_the_model_fails_unexpectedly_does_not_end_the_run(
    rig, reembed, small
):
    await rig.save("poison")
    await rig.index()
    embed = small.embed_passages

    async def fail(texts):
        if "poison" in texts:
            raise RuntimeError("the engine fell over")
        return await embed(texts)

    small.embed_passages = fail
    moved = await reembed()
    assert (moved.embedded, moved.refused, moved.queued, moved.postponed) == (MANY, 0, 1, 1)
    assert await rig.served() == small.model


@pytest.mark.usefixtures("filled")
async def test_what_waits_for_the_active_model_is_embedded_and_its_date_stays(rig, watcher):
    await rig.save("a heron saved just now")
    async with rig.database.across_spaces() as conn:
        before = await read_active_model(conn)
    moved = await service.Reembedder(rig.database, rig.embedder, watcher).move()
    assert (moved.embedded, moved.queued) == (1, 0)
    assert await rig.queue_stats() == QueueStats(0, 0)
    async with rig.database.across_spaces() as conn:
        after = await read_active_model(conn)
    assert (after.model, after.since) == (before.model, before.since)


@pytest.mark.usefixtures("filled")
async def test_a_model_that_refuses_most_texts_does_not_get_to_answer(rig, reembed, small):
    small.refused_word = "heron"
    with pytest.raises(SageError, match="rejected most"):
        await reembed()
    assert await rig.served() == rig.embedder.model


async def test_a_model_that_refuses_one_text_after_the_other_is_left_early(
    rig, reembed, small, monkeypatch
):
    monkeypatch.setattr(service, "_REFUSALS_IN_A_ROW", 10)
    for part in range(4):
        await rig.save(*(f"heron number {part} {number}" for number in range(100)))
    small.refused_word, refused = "heron", set()
    embed = small.embed_passages

    async def count(texts):
        refused.update(texts)
        return await embed(texts)

    small.embed_passages = count
    with pytest.raises(SageError, match="rejected most texts, 10 "):
        await reembed()
    assert len(refused) < 200


@pytest.mark.usefixtures("filled")
async def test_old_vectors_go_when_told_and_never_those_of_the_model_that_answers(
    rig, reembed, small
):
    assert await reembedding.drop_old_vectors(rig.database) == []
    await reembed()
    (dropped,) = await reembedding.drop_old_vectors(rig.database)
    assert (dropped.model, dropped.vectors) == (rig.embedder.model, MANY)
    assert await rig.vectors() == {32: MANY}
    assert await rig.served() == small.model
    assert await reembedding.drop_old_vectors(rig.database) == []


@pytest.mark.usefixtures("filled")
async def test_old_vectors_go_a_few_at_a_time_and_a_stopped_run_is_taken_up(
    rig, reembed, monkeypatch
):
    await rig.save("a long one " * 200)
    await rig.index()
    await reembed()
    before = await rig.vectors()
    monkeypatch.setattr(reembedding, "_DELETED_AT_ONCE", 30)
    fetchrow, calls = Connection.fetchrow, 0

    async def stop_at_the_third(conn, sql, *args, **rest):
        nonlocal calls
        calls += "DELETE FROM" in sql  # work in the background asks for rows, too
        if calls == 3:
            raise StoreUnavailableError("the database is away")
        return await fetchrow(conn, sql, *args, **rest)

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "fetchrow", stop_at_the_third)
        with pytest.raises(StoreUnavailableError):
            await reembedding.drop_old_vectors(rig.database)
    assert await rig.vectors() == before | {64: before[64] - 60}
    (dropped,) = await reembedding.drop_old_vectors(rig.database)
    assert dropped.vectors == before[64] - 60
    assert await rig.vectors() == {32: before[32]}

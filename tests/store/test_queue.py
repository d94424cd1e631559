from __future__ import annotations

import asyncio

import pytest

from sage.domain.memories import QueueStats
from sage.store import memories, queue
from tests.support.lending import LentForEach
from tests.support.saving import message, save


@pytest.fixture
def conn(database):
    return LentForEach(database)


async def test_a_leased_item_is_not_given_out_again_before_the_lease_ends(database, conn):
    await save(database, [message("tea")])
    [item] = await queue.lease_due(conn, 10, 60)
    assert (item.space_id, item.content, item.attempts) == ("default", "tea", 1)
    assert await queue.lease_due(conn, 10, 60) == []
    await conn.execute("UPDATE sage.embedding_queue SET due_at = now()")
    [again] = await queue.lease_due(conn, 10, 60)
    assert (again.memory_id, again.attempts) == (item.memory_id, 2)


async def test_at_most_the_asked_number_is_leased_and_the_longest_due_first(database, conn):
    for content in ("first", "second", "third"):
        await save(database, [message(content)])
    assert {item.content for item in await queue.lease_due(conn, 2, 60)} == {"first", "second"}
    assert {item.content for item in await queue.lease_due(conn, 2, 60)} == {"third"}


async def test_workers_at_once_share_the_queue_without_overlap(database):
    for _ in range(4):
        await save(database, [message() for _ in range(50)])

    async def work():
        taken = []
        while True:
            async with database.across_spaces() as conn:
                items = await queue.lease_due(conn, 7, 60)
                if not items:
                    return taken
                taken += [item.memory_id for item in items]
                await queue.complete(conn, items)

    shares = await asyncio.gather(*[work() for _ in range(6)])
    taken = [memory_id for share in shares for memory_id in share]
    assert len(taken) == len(set(taken)) == 200


async def test_a_worker_holding_rows_does_not_make_others_wait(database):
    await save(database, [message(), message()])
    async with (
        database.transaction_across_spaces() as holder,
        database.transaction_across_spaces() as other,
    ):
        assert len(await queue.lease_due(holder, 1, 60)) == 1
        assert len(await queue.lease_due(other, 2, 60)) == 1


async def test_a_finished_item_is_off_the_queue(database, conn):
    await save(database, [message()])
    await queue.complete(conn, await queue.lease_due(conn, 1, 60))
    assert await queue.queue_stats(conn, None) == QueueStats(0, 0)
    assert await conn.fetchval("SELECT count(*) FROM sage.embedding_queue") == 0


async def test_a_postponed_item_waits_and_says_why(database, conn):
    await save(database, [message()])
    items = await queue.lease_due(conn, 1, 60)
    await queue.postpone(conn, items, 0, "busy")
    assert await conn.fetchval("SELECT last_error FROM sage.embedding_queue") == "busy"
    assert len(await queue.lease_due(conn, 1, 60)) == 1
    await queue.postpone(conn, items, 60, "busy")
    assert await queue.lease_due(conn, 1, 60) == []
    assert await queue.queue_stats(conn, None) == QueueStats(1, 0)


async def test_an_item_given_up_is_never_leased_again_and_is_counted(database, conn):
    await save(database, [message()])
    await queue.fail(conn, await queue.lease_due(conn, 1, 0), "refused")
    assert await queue.lease_due(conn, 1, 60) == []
    assert await queue.queue_stats(conn, None) == QueueStats(0, 1)
    assert await queue.oldest_age_s(conn) == 0


@pytest.mark.parametrize("reason", ["\x00 nul", "\ud800 half", "long " * 10_000])
async def test_any_text_of_a_provider_can_be_noted(database, conn, reason):
    await save(database, [message()])
    await queue.fail(conn, await queue.lease_due(conn, 1, 60), reason)
    assert 0 < len(await conn.fetchval("SELECT last_error FROM sage.embedding_queue")) <= 500


async def test_a_worker_that_comes_too_late_changes_nothing(database, conn):
    await save(database, [message()])
    items = await queue.lease_due(conn, 1, 60)
    await queue.complete(conn, items)
    await queue.complete(conn, items)
    await queue.postpone(conn, items, 1, "late")
    await queue.fail(conn, items, "late")
    assert await queue.queue_stats(conn, None) == QueueStats(0, 0)


async def test_the_queue_is_counted_for_one_space_and_for_all(database, conn):
    await save(database, [message(), message()])
    await save(database, [message()], space_id="other")
    assert await queue.queue_stats(conn, "other") == QueueStats(1, 0)
    assert await queue.queue_stats(conn, "nobody") == QueueStats(0, 0)
    assert await queue.queue_stats(conn, None) == QueueStats(3, 0)


async def test_the_oldest_age_is_that_of_the_item_that_waits_longest(database, conn):
    assert await queue.oldest_age_s(conn) == 0
    await save(database, [message()])
    await save(database, [message()])
    await conn.execute(
        "UPDATE sage.embedding_queue SET enqueued_at = now() - interval '1 hour'"
        " WHERE memory_id = (SELECT min(memory_id::text)::uuid FROM sage.embedding_queue)"
    )
    await queue.lease_due(conn, 2, 60)
    assert 3600 <= await queue.oldest_age_s(conn) < 3660


async def test_what_is_given_back_is_due_at_once_and_its_attempt_does_not_count(database, conn):
    await save(database, [message("tea"), message("oolong")])
    items = await queue.lease_due(conn, 10, 60)
    await queue.release(conn, items[:1], "stopped")
    assert await conn.fetchval("SELECT max(last_error) FROM sage.embedding_queue") == "stopped"
    [again] = await queue.lease_due(conn, 10, 60)
    assert (again.memory_id, again.attempts) == (items[0].memory_id, 1)


@pytest.mark.parametrize(
    "give_up_the_lease",
    [
        queue.complete,
        lambda conn, items: queue.release(conn, items, "late"),
        lambda conn, items: queue.postpone(conn, items, 0, "late"),
        lambda conn, items: queue.fail(conn, items, "late"),
    ],
    ids=["complete", "release", "postpone", "fail"],
)
async def test_a_worker_whose_lease_ended_does_not_disturb_the_next_holder(
    database, conn, give_up_the_lease
):
    await save(database, [message("tea"), message("oolong")])
    late = await queue.lease_due(conn, 10, 0)
    held = await queue.lease_due(conn, 1, 60)
    before = await conn.fetch("SELECT * FROM sage.embedding_queue WHERE due_at > now()")
    assert len(before) == 1
    await give_up_the_lease(conn, late)
    assert await conn.fetch("SELECT * FROM sage.embedding_queue WHERE due_at > now()") == before
    await queue.complete(conn, held)
    held = await conn.fetch("SELECT * FROM sage.embedding_queue WHERE due_at > now()")
    assert held == []


async def test_a_lease_that_ended_and_that_nobody_took_can_still_be_completed(database, conn):
    await save(database, [message()])
    late = await queue.lease_due(conn, 1, 0)
    await queue.complete(conn, late)
    assert await conn.fetchval("SELECT count(*) FROM sage.embedding_queue") == 0


async def test_what_was_forgotten_while_it_was_embedded_is_off_the_queue(database, conn):
    await save(database, [message()])
    items = await queue.lease_due(conn, 1, 60)
    await memories.forget(conn, "default", [items[0].memory_id], None)
    await queue.release(conn, items, "stopped")
    assert await queue.lease_due(conn, 1, 60) == []
    await queue.complete(conn, items)
    assert await conn.fetchval("SELECT count(*) FROM sage.embedding_queue") == 0

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

from sage.store import memories, queue, stats
from sage.store.memories import ChangeCounts
from tests.support.planning import refusing_plans_for_each_row
from tests.support.saving import message, save


async def _forget(database, ids=(), session_id=None, space_id="default"):
    async with database.across_spaces() as conn:
        return await memories.forget(conn, space_id, ids, session_id)


async def _restore(database, ids=(), session_id=None, space_id="default"):
    async with database.across_spaces() as conn:
        return await memories.restore(conn, space_id, ids, session_id)


async def _contents(database, session_id="tea"):
    async with database.across_spaces() as conn:
        return [m.content for m in await memories.read_session(conn, "default", session_id)]


async def _age(database, days):
    """Move what has an age back, by values: Citus sends no STABLE function of a column."""
    async with database.across_spaces() as conn:
        for table, moment in (("memories", "forgotten_at"), ("saves", "saved_at")):
            known = f"SELECT DISTINCT {moment} FROM sage.{table} WHERE {moment} IS NOT NULL"
            moved = f"UPDATE sage.{table} SET {moment} = $2 WHERE {moment} = $1"
            for (before,) in await conn.fetch(known):
                await conn.execute(moved, before, before - timedelta(days=days))


async def _purge(database):
    async with database.across_spaces() as conn:
        return await memories.purge_expired(conn)


async def _counts(database):
    tables = ("memories", "sessions", "embedding_queue", "saves")
    async with database.across_spaces() as conn:
        return {
            table: await conn.fetchval(f"SELECT count(*) FROM sage.{table}") for table in tables
        }


async def test_a_forgotten_memory_is_gone_for_every_reader_and_comes_back(database):
    outcome = await save(database, [message("green"), message("black")])
    forgotten = outcome.memory_ids[0]
    assert await _forget(database, [forgotten]) == ChangeCounts(1, 0)
    assert await _contents(database) == ["black"]
    async with database.across_spaces() as conn:
        assert await memories.read_memory(conn, "default", forgotten) is None
        assert await stats.memory_count(conn) == 1
        assert (await stats.memory_stats(conn, "default", "", 1)).memories == 1
        assert (await queue.queue_stats(conn, None)).pending == 1
    assert await _restore(database, [forgotten]) == ChangeCounts(1, 0)
    assert await _contents(database) == ["green", "black"]


async def test_a_session_is_forgotten_and_comes_back_as_a_whole(database):
    await save(database, [message("one"), message("two")], "a")
    await save(database, [message("three")], "b")
    assert await _forget(database, session_id="a") == ChangeCounts(2, 0)
    assert await _contents(database, "a") == []
    assert await _contents(database, "b") == ["three"]
    assert await _restore(database, session_id="a") == ChangeCounts(2, 0)
    assert await _contents(database, "a") == ["one", "two"]


async def test_what_does_not_exist_is_counted_as_unknown(database):
    outcome = await save(database, [message()])
    stranger = uuid4()
    ids = [*outcome.memory_ids, *outcome.memory_ids, stranger, stranger]
    assert await _forget(database, ids) == ChangeCounts(1, 1)
    assert await _forget(database, ids) == ChangeCounts(0, 1)
    assert await _restore(database, ids) == ChangeCounts(1, 1)
    assert await _restore(database, ids) == ChangeCounts(0, 1)
    assert await _forget(database, session_id="unknown") == ChangeCounts(0, 1)


async def test_memories_of_another_space_cannot_be_forgotten_or_brought_back(database):
    outcome = await save(database, [message()])
    assert await _forget(database, outcome.memory_ids, space_id="other") == ChangeCounts(0, 1)
    assert await _forget(database, session_id="tea", space_id="other") == ChangeCounts(0, 1)
    await _forget(database, outcome.memory_ids)
    assert await _restore(database, outcome.memory_ids, space_id="other") == ChangeCounts(0, 1)


async def test_a_forgotten_memory_waits_for_its_vector_until_it_is_back(database):
    outcome = await save(database, [message("forgotten"), message("kept")])
    await _forget(database, outcome.memory_ids[:1])
    async with database.across_spaces() as conn:
        leased = await queue.lease_due(conn, 10, 60)
        assert [item.content for item in leased] == ["kept"]
        await queue.complete(conn, leased)
        assert await queue.oldest_age_s(conn) == 0
    await _restore(database, outcome.memory_ids[:1])
    async with database.across_spaces() as conn:
        assert [item.content for item in await queue.lease_due(conn, 10, 60)] == ["forgotten"]


async def test_after_thirty_days_nothing_is_left_and_nothing_comes_back(database):
    outcome = await save(database, [message(), message()], "old")
    await save(database, [message("kept")], "young")
    await _forget(database, outcome.memory_ids)
    await _age(database, 29)
    assert await _purge(database) == 0
    assert (await _counts(database))["saves"] == 2
    await _age(database, 2)
    assert await _restore(database, outcome.memory_ids) == ChangeCounts(0, 2)
    assert await _forget(database, session_id="old") == ChangeCounts(0, 1)
    assert await _purge(database) == 2
    assert await _counts(database) == {
        "memories": 1,
        "sessions": 1,
        "embedding_queue": 1,
        "saves": 0,
    }
    assert await _contents(database, "young") == ["kept"]


async def test_a_session_that_still_holds_something_outlives_the_purge(database):
    outcome = await save(database, [message("gone"), message("kept")])
    await _forget(database, outcome.memory_ids[:1])
    await _age(database, 31)
    assert await _purge(database) == 1
    assert await _contents(database) == ["kept"]


async def test_a_purge_plans_its_checks_once_and_leaves_planning_as_it_was(database):
    outcome = await save(database, [message(), message()])
    await _forget(database, outcome.memory_ids)
    await _age(database, 31)
    planning = "SELECT current_setting('plan_cache_mode'), current_setting('enable_seqscan')"
    async with database.across_spaces() as conn, conn.transaction():
        for statement in refusing_plans_for_each_row("DELETE"):
            await conn.execute(statement)
        before = await conn.fetch(planning)
        assert await memories.purge_expired(conn) == 2
        assert await conn.fetch(planning) == before


async def test_a_purge_goes_on_until_all_is_gone(database):
    for _ in range(3):
        await save(database, [message() for _ in range(1000)])
    await _forget(database, session_id="tea")
    await _age(database, 31)
    assert await _purge(database) == 3000
    assert set((await _counts(database)).values()) == {0}


async def test_purging_sessions_and_saving_into_them_at_once_loses_nothing(database):
    async def save_often():
        for _ in range(20):
            await save(database, [message("kept")], "busy")

    async def forget_and_purge_often():
        for _ in range(20):
            outcome = await save(database, [message("gone")], "busy")
            await _forget(database, outcome.memory_ids)
            await _age(database, 31)
            await _purge(database)

    await asyncio.gather(save_often(), save_often(), forget_and_purge_often())
    assert await _contents(database, "busy") == ["kept"] * 40


async def _hold_saves(database, when, table):
    async with database.across_spaces() as conn:
        await conn.execute(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN new; END';"
            f"CREATE TRIGGER zz_after_foreign_keys {when} INSERT ON sage.{table}"
            " FOR EACH ROW EXECUTE FUNCTION hold()"
        )


async def _waiting(database, locktype):
    async with asyncio.timeout(20), database.across_spaces() as conn:
        while not await conn.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = $1 AND NOT granted", locktype
        ):
            await asyncio.sleep(0.01)


async def _empty_session(database):
    outcome = await save(database, [message("gone")], "busy")
    await _forget(database, outcome.memory_ids)
    await _age(database, 31)


async def test_a_session_purged_in_the_middle_of_a_save_into_it_is_there_again(database):
    await _empty_session(database)
    await _hold_saves(database, "BEFORE", "memories")
    async with database.transaction_across_spaces() as blocker:
        await blocker.execute("SELECT pg_advisory_xact_lock(1)")
        saving = asyncio.create_task(save(database, [message("kept")], "busy"))
        await _waiting(database, "advisory")
        assert await _purge(database) == 1
    assert (await saving).saved
    assert await _contents(database, "busy") == ["kept"]


async def test_a_purge_leaves_the_session_that_a_save_at_work_has_found(database):
    await _empty_session(database)
    await _hold_saves(database, "AFTER", "memories")
    async with database.transaction_across_spaces() as blocker:
        await blocker.execute("SELECT pg_advisory_xact_lock(1)")
        saving = asyncio.create_task(save(database, [message("kept")], "busy"))
        await _waiting(database, "advisory")
        purging = asyncio.create_task(_purge(database))
        await _waiting(database, "transactionid")
    assert await purging == 1
    assert (await saving).saved
    assert await _contents(database, "busy") == ["kept"]


async def test_forgetting_the_same_memories_in_any_order_at_once_never_deadlocks(database):
    outcome = await save(database, [message() for _ in range(50)])
    ids = outcome.memory_ids
    for _ in range(5):
        changes = await asyncio.gather(
            _forget(database, ids),
            _forget(database, ids[::-1]),
            _forget(database, session_id="tea"),
            _restore(database, ids[::-1]),
            _restore(database, session_id="tea"),
        )
        assert all(change.unknown == 0 for change in changes)

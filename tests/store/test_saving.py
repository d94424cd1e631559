from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sage.domain.memories import Indexed, SaveReceipt
from sage.errors import ConflictError, StoreError
from sage.store import memories
from sage.store.connections.connection import Connection
from tests.support.saving import NOON, message, save

AN_HOUR = timedelta(hours=1)


async def _session(database, session_id="tea", space_id="default"):
    async with database.across_spaces() as conn:
        return await memories.read_session(conn, space_id, session_id)


async def _count(database, table):
    async with database.across_spaces() as conn:
        return await conn.fetchval(f"SELECT count(*) FROM sage.{table}")


async def test_what_was_saved_comes_back_whole(database):
    row = message("绿茶 🍵 'quoted' \\ back", NOON, name="李雷")
    outcome = await save(database, [row], metadata={"topic": {"tea": [1, None]}})
    assert outcome == SaveReceipt(
        "tea", (row.memory.memory_id,), saved=True, indexed=Indexed.PENDING
    )
    async with database.across_spaces() as conn:
        kept = await memories.read_memory(conn, "default", row.memory.memory_id)
    assert kept is not None
    assert (kept.memory_id, kept.session_id, kept.role, kept.name, kept.content) == (
        row.memory.memory_id,
        "tea",
        row.memory.role,
        "李雷",
        row.memory.content,
    )
    assert kept.created_at == NOON
    assert kept.created_at.utcoffset() == timedelta(0)
    assert kept.metadata == {"topic": {"tea": [1, None]}}


async def test_messages_of_the_same_moment_stay_in_the_order_they_were_said(database):
    await save(database, [message(f"{n}") for n in range(200)])
    await save(database, [message(f"{n}") for n in range(200, 400)])
    assert [m.content for m in await _session(database)] == [f"{n}" for n in range(400)]


async def test_a_message_from_earlier_takes_its_place_in_time(database):
    await save(database, [message("later", NOON)])
    await save(database, [message("earlier", NOON - AN_HOUR)])
    assert [m.content for m in await _session(database)] == ["earlier", "later"]


async def test_a_message_said_twice_is_two_memories(database):
    await save(database, [message("yes"), message("yes")])
    await save(database, [message("yes")])
    assert len(await _session(database)) == 3


async def test_a_save_is_kept_whole_or_not_at_all(database):
    spoilt = message("third", lexemes="'unbalanced")
    with pytest.raises(StoreError):
        await save(database, [message("first"), message("second"), spoilt])
    for table in ("memories", "sessions", "saves", "embedding_queue"):
        assert await _count(database, table) == 0


async def test_a_retry_gets_the_first_answer_even_under_another_session_id(database):
    first = await save(database, [message()], "first", retry_key="same")
    again = await save(database, [message()], "second", retry_key="same")
    assert again == SaveReceipt("first", first.memory_ids, saved=False, indexed=Indexed.PENDING)
    assert await _count(database, "sessions") == 1


async def test_two_hundred_equal_saves_at_once_are_one_save_and_199_retries(database):
    outcomes = await asyncio.gather(
        *[save(database, [message(), message()], retry_key="same") for _ in range(200)]
    )
    assert sum(outcome.saved for outcome in outcomes) == 1
    assert len({outcome.memory_ids for outcome in outcomes}) == 1
    assert await _count(database, "memories") == 2
    assert await _count(database, "embedding_queue") == 2


async def test_thirty_two_writers_into_one_session_lose_nothing_and_keep_their_order(database):
    async def write(writer):
        for turn in range(10):
            await save(database, [message(f"{writer}:{turn}:{part}") for part in range(3)])

    await asyncio.gather(*[write(writer) for writer in range(32)])
    contents = [m.content for m in await _session(database)]
    assert len(contents) == len(set(contents)) == 32 * 30
    for writer in range(32):
        said = [content for content in contents if content.startswith(f"{writer}:")]
        assert said == [f"{writer}:{turn}:{part}" for turn in range(10) for part in range(3)]


async def test_a_key_used_with_another_body_is_refused_and_nothing_is_kept(database):
    await save(database, [message()], retry_key="key", body_digest=b"one", lasting=True)
    with pytest.raises(ConflictError, match="another conversation"):
        await save(database, [message()], retry_key="key", body_digest=b"two", lasting=True)
    assert await _count(database, "memories") == 1


async def test_a_key_of_another_space_is_another_key(database):
    await save(database, [message()], retry_key="key", body_digest=b"one")
    other = await save(database, [message()], retry_key="key", body_digest=b"two", space_id="other")
    assert other.saved
    assert len(await _session(database, space_id="other")) == 1


ROWS_READ = """
SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)
FROM pg_stat_user_tables WHERE relname = 'memories'
"""


@pytest.mark.parametrize(("lasting", "saved"), [(False, True), (True, False)])
async def test_after_ten_minutes_equal_words_are_new_words_but_a_key_lasts(
    database, lasting, saved
):
    await save(database, [message()], retry_key="same", lasting=lasting)
    async with database.across_spaces() as conn:
        await conn.execute("UPDATE sage.saves SET saved_at = now() - interval '601 seconds'")
    assert (await save(database, [message()], retry_key="same", lasting=lasting)).saved is saved
    assert not (await save(database, [message()], retry_key="same", lasting=lasting)).saved


@pytest.mark.parametrize(("lasting", "saved"), [(False, True), (True, False)])
async def test_what_was_forgotten_can_be_said_again_at_once_but_a_key_lasts(
    database, lasting, saved
):
    first = await save(database, [message(), message()], retry_key="same", lasting=lasting)
    async with database.across_spaces() as conn:
        await memories.forget(conn, "default", first.memory_ids[:1], None)
    assert (await save(database, [message()], retry_key="same", lasting=lasting)).saved is saved


async def test_a_retry_says_whether_vectors_are_still_to_come(database):
    await save(database, [message()], retry_key="same")
    async with database.across_spaces() as conn:
        await conn.execute("DELETE FROM sage.embedding_queue")
    again = await save(database, [message()], retry_key="same")
    assert again.indexed is Indexed.READY


@pytest.mark.needs_session
async def test_a_save_whose_answer_was_lost_with_the_connection_is_new_and_kept_once(
    database, monkeypatch
):
    fetchval = Connection.fetchval
    answers = []

    async def lose_the_first_answer(conn, statement, *args, **rest):
        answers.append(await fetchval(conn, statement, *args, **rest))
        if len(answers) == 1:
            await fetchval(conn, "SELECT pg_terminate_backend(pg_backend_pid())")
        return answers[-1]

    monkeypatch.setattr(Connection, "fetchval", lose_the_first_answer)
    outcome = await save(database, [message()], retry_key="same")
    monkeypatch.undo()
    assert answers == [True, False]
    assert outcome.saved
    assert await _count(database, "memories") == 1


async def test_a_save_that_replaces_nothing_opens_no_table_of_what_was_replaced(database):
    async with database.transaction_across_spaces() as conn:
        await conn.execute("LOCK TABLE sage.replacements IN ACCESS EXCLUSIVE MODE")
        async with asyncio.timeout(20):
            assert (await save(database, [message()])).saved


async def test_a_thousand_long_messages_fit_into_one_save(database):
    outcome = await save(database, [message("tea " * 500) for _ in range(1000)])
    assert len(outcome.memory_ids) == 1000
    assert len(await _session(database)) == 1000


async def test_a_save_reads_no_more_of_a_space_that_was_empty_when_it_was_planned(database):
    """One after the other, so that all are made on the connection that made the plan.

    Statistics that are gathered in between would have it planned again.
    """
    async with database.across_spaces() as conn:
        for table in ("memories", "memory_classes", "saves", "embedding_queue"):
            await conn.execute(f"ALTER TABLE sage.{table} SET (autovacuum_enabled = off)")

    async def rows_read():
        async with database.in_space() as conn:  # that of the save, which counts what it read
            await conn.execute("SELECT pg_stat_force_next_flush()")
        async with database.across_spaces() as conn:
            return await conn.fetchval(ROWS_READ)

    taken = []
    for _ in range(20):
        before = await rows_read()
        await save(database, [message() for _ in range(50)])
        taken.append(await rows_read() - before)
    assert taken == [taken[0]] * 20, taken

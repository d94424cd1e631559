from __future__ import annotations

import asyncio
import signal
import time

import pytest

from sage.errors import StoreError, StoreUnavailableError
from sage.store import memories
from sage.store.connections.pool import POOL_SIZE
from tests.support.saving import message, save

DEADLINE_S = 20


async def _answers(database):
    """Wait until the database answers, and give how often it did not."""
    deadline = time.monotonic() + DEADLINE_S
    failures = 0
    while True:
        try:
            async with database.across_spaces() as conn:
                return await conn.fetchval("SELECT 1") and failures
        except StoreUnavailableError:
            failures += 1
            assert time.monotonic() < deadline, "it did not answer again in time"
            await asyncio.sleep(0.05)


async def _lost_after(database, kill):
    """Save from many tasks while `kill` runs in a thread; name the answered saves that are gone."""
    answered = []
    ended = asyncio.Event()

    async def write(number):
        count = 0
        while not ended.is_set():
            row = message(f"cup {number} {count}")
            count += 1
            try:
                await save(database, [row, message()], session_id=f"s{number}")
            except StoreUnavailableError:
                await asyncio.sleep(0.02)
            else:
                answered.append(row.memory.memory_id)

    async with asyncio.TaskGroup() as writers:
        for number in range(16):
            writers.create_task(write(number))
        while len(answered) < 200:
            await asyncio.sleep(0.01)
        before = len(answered)
        await asyncio.to_thread(kill)
        await _answers(database)
        while len(answered) < before + 200:
            await asyncio.sleep(0.01)
        ended.set()
    async with database.across_spaces() as conn:
        rows = await conn.fetch("SELECT memory_id FROM sage.memories")
        halves = await conn.fetch(
            "SELECT retry_key FROM sage.saves WHERE (SELECT count(*) FROM sage.memories AS m"
            " WHERE m.space_id = saves.space_id AND m.memory_id = ANY (memory_ids)) <> 2"
        )
    assert halves == []
    return set(answered) - {row["memory_id"] for row in rows}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGQUIT, signal.SIGINT])
async def test_no_answered_save_is_lost_when_the_server_dies_and_the_pool_comes_back(
    breakable, breakable_server, how
):
    def die_and_come_back():
        breakable_server.stop(how)
        breakable_server.start()

    assert await _lost_after(breakable, die_and_come_back) == set()


async def test_one_backend_that_crashes_takes_no_answered_save_with_it(breakable, breakable_server):
    async with breakable.across_spaces() as conn:
        await conn.fetchval("SELECT 1")
    assert await _lost_after(breakable, breakable_server.crash_one_backend) == set()


async def test_sage_starts_before_the_database_and_finds_it_when_it_is_there(
    breakable_server, opened, monkeypatch
):
    monkeypatch.setattr("sage.store.connections.driver_pool._OUTAGE_TIMEOUT_S", 0.5)
    await asyncio.to_thread(breakable_server.stop)
    try:
        async with opened(breakable_server.dsn()) as database:
            with pytest.raises(StoreUnavailableError, match="cannot be reached") as caught:
                async with database.across_spaces():
                    pass
            assert "reconnects automatically" in caught.value.hint
            await asyncio.to_thread(breakable_server.start)
            await _answers(database)
    finally:
        if not breakable_server.running:
            breakable_server.start()


async def test_the_first_calls_of_an_outage_wait_and_later_ones_fail_at_once(
    breakable, breakable_server, monkeypatch
):
    monkeypatch.setattr("sage.store.connections.driver_pool._OUTAGE_TIMEOUT_S", 1.0)
    await asyncio.to_thread(breakable_server.stop)
    try:
        took_s = []
        for _ in range(3):
            start = time.monotonic()
            with pytest.raises(StoreUnavailableError):
                async with breakable.across_spaces():
                    pass
            took_s.append(time.monotonic() - start)
    finally:
        breakable_server.start()
    assert took_s[0] > 2 * max(took_s[1:])
    await _answers(breakable)


async def test_a_call_made_during_a_short_restart_is_answered(breakable, breakable_server):
    await asyncio.to_thread(breakable_server.stop)
    restart = asyncio.create_task(asyncio.to_thread(breakable_server.start))
    async with breakable.across_spaces() as conn:
        assert await conn.fetchval("SELECT 1") == 1
    await restart


async def test_a_server_that_hangs_fails_calls_in_time_and_keeps_no_connection(
    breakable, breakable_server
):
    async with breakable.across_spaces() as conn:
        await conn.fetchval("SELECT 1")
    breakable_server.send_to_all(signal.SIGSTOP)
    try:
        for _ in ("a connection of before", "a new connection"):
            with pytest.raises(StoreUnavailableError):
                async with asyncio.timeout(DEADLINE_S), breakable.across_spaces() as conn:
                    await conn.fetchval("SELECT 1")
    finally:
        breakable_server.send_to_all(signal.SIGCONT)
    await _answers(breakable)
    everyone_has_one = asyncio.Barrier(POOL_SIZE)

    async def borrow(lent):
        async with lent as conn:
            await everyone_has_one.wait()
            return await conn.fetchval("SELECT 1")

    lent = [*(breakable.in_space("default") for _ in range(5))]
    lent += [breakable.across_spaces() for _ in range(3)]
    async with asyncio.timeout(DEADLINE_S):
        assert await asyncio.gather(*map(borrow, lent)) == [1] * POOL_SIZE
    assert breakable.pool_usage.size == breakable.pool_usage.limit == POOL_SIZE


async def test_a_cancelled_caller_of_a_hanging_server_is_let_go(breakable, breakable_server):
    async with breakable.across_spaces() as conn:
        await conn.fetchval("SELECT 1")
    breakable_server.send_to_all(signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), breakable.across_spaces() as conn:
                await conn.fetchval("SELECT 1")
    finally:
        breakable_server.send_to_all(signal.SIGCONT)
    await _answers(breakable)


async def test_a_wrong_password_and_a_missing_database_are_told_apart(breakable_server, opened):
    async with opened(breakable_server.dsn()) as database, database.across_spaces() as conn:
        await conn.execute("DROP ROLE IF EXISTS guest")
        await conn.execute("CREATE ROLE guest LOGIN PASSWORD 'right'")
    breakable_server.ask_for_passwords("guest")
    address = breakable_server.dsn().replace("postgres@", "guest:wrong@")
    for dsn, text in [
        (address, "rejected the user name or password"),
        (breakable_server.dsn("nowhere"), "does not exist"),
    ]:
        async with opened(dsn) as database:
            with pytest.raises(StoreError, match=text) as caught:
                async with database.across_spaces():
                    pass
            assert "DATABASE_URL" in caught.value.hint
            assert "wrong" not in f"{caught.value}{caught.value.detail}{caught.value.hint}"


async def test_a_read_after_the_crash_finds_the_session_whole(breakable, breakable_server):
    rows = [message("one"), message("two"), message("three")]
    await save(breakable, rows, session_id="crash")
    breakable_server.stop(signal.SIGKILL)
    breakable_server.start()
    await _answers(breakable)
    async with breakable.across_spaces() as conn:
        kept = await memories.read_session(conn, "default", "crash")
    assert [memory.content for memory in kept] == ["one", "two", "three"]

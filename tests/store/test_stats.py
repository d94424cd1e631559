from __future__ import annotations

from datetime import timedelta

from sage.access.accounts.spaces import list_spaces
from sage.domain.memories import MemoryStats, QueueStats
from sage.store import memories, stats
from sage.store.project_names import list_projects
from tests.support.saving import NOON, message, save


async def test_an_empty_space_holds_nothing(database):
    async with database.across_spaces() as conn:
        empty = await stats.memory_stats(conn, "default", "model", 1)
    assert (empty.memories, empty.sessions, empty.first_at, empty.last_at) == (0, 0, None, None)
    assert empty.storage_bytes == 0


async def test_a_space_is_summed_up_without_its_neighbours(database):
    await save(database, [message(created_at=NOON)], "a")
    await save(database, [message(created_at=NOON + timedelta(days=1))], "b")
    await save(database, [message("long " * 10_000)], space_id="other")
    async with database.across_spaces() as conn:
        space = await stats.memory_stats(conn, "default", "model", 1)
        total = await stats.memory_count(conn)
    times = (NOON, NOON + timedelta(days=1))
    assert 0 < space.storage_bytes < 1_000
    assert space == MemoryStats(2, 2, *times, space.storage_bytes, "model", QueueStats(2, 0), 2)
    assert total == 3


async def test_a_message_that_was_split_counts_once_wherever_memories_are_counted(database):
    parts = [message(f"part {number}") for number in range(4)]
    receipt = await save(database, [message(), *parts], metadata={"project": "pelican"})

    async def counts():
        async with database.across_spaces() as conn:
            space = await stats.memory_stats(conn, "default", "model", 1)
            (listed,) = await list_spaces(conn)
        async with database.in_space("default") as conn:
            (project,) = await list_projects(conn, "default")
        return space.memories, project.memories, listed.memories

    assert await counts() == (5, 5, 5)
    later = receipt.memory_ids[2:]
    async with database.across_spaces() as conn:
        await conn.execute(
            "UPDATE sage.memory_classes SET extent = 4 WHERE memory_id = ANY ($1)", list(later)
        )
        await conn.execute(
            "SELECT sage.count_sessions('default', ARRAY[$1], '{}')", receipt.session_id
        )
    assert await counts() == (2, 2, 2)
    async with database.in_space("default") as conn:
        await memories.forget(conn, "default", receipt.memory_ids[1:], None)
    assert await counts() == (1, 1, 1)


async def test_more_than_a_million_memories_are_not_counted_for_every_look(database):
    await save(database, [message()])
    async with database.across_spaces() as conn:
        for known, told in ((1_000_000, 1), (2_000_000, 2_000_000)):
            await conn.execute(
                "UPDATE pg_class SET reltuples = $1 WHERE relname = 'memories_by_time'", known
            )
            assert await stats.memory_count(conn) == told


async def test_settings_under_which_a_crash_loses_answers_are_named(breakable, database):
    async with breakable.across_spaces() as conn:
        assert await stats.durability_problems(conn) == []
    async with database.transaction_across_spaces() as conn:
        await conn.execute("SET LOCAL synchronous_commit = off")
        problems = await stats.durability_problems(conn)
    assert any(problem.startswith("synchronous_commit is off") for problem in problems)

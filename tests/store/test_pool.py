from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import numpy as np
import pytest
from pgvector import HalfVector

from sage.errors import StoreError, StoreUnavailableError
from sage.store.connections import driver_pool

_DRINK = """
CREATE TABLE cups AS SELECT id, 0 AS sips FROM generate_series(1, 2) id;
GRANT ALL ON cups TO PUBLIC;
CREATE FUNCTION drink(role_name text, space text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    try bigint;
BEGIN
    UPDATE cups SET sips = sips + 1 WHERE id = 1;
    try := nextval('tries');
    WHILE try = 1 AND NOT EXISTS (
        SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))
    ) LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
    UPDATE cups SET sips = sips + 1 WHERE id = 2;
    RETURN try;
END
$$
"""


@pytest.fixture
async def tries(database):
    """Give a database whose sequence `tries` counts, whatever is rolled back."""
    async with database.across_spaces() as conn:
        await conn.execute("CREATE SEQUENCE tries; GRANT ALL ON SEQUENCE tries TO PUBLIC")
    return database


@pytest.mark.needs_session
async def test_each_statement_of_a_connection_commits_by_itself(database):
    with pytest.raises(RuntimeError):
        await _make_notes_and_fail(database.across_spaces())
    async with database.across_spaces() as conn:
        assert await conn.fetch("SELECT * FROM notes") == []


async def test_a_transaction_is_undone_when_its_block_raises(database):
    with pytest.raises(RuntimeError):
        await _make_notes_and_fail(database.transaction_across_spaces())
    async with database.across_spaces() as conn:
        assert await conn.fetchval("SELECT to_regclass('notes')") is None


@pytest.mark.parametrize("begin", ["transaction_across_spaces", "in_space"])
async def test_a_task_that_is_cancelled_while_its_transaction_begins_leaves_none(database, begin):
    async def work():
        async with getattr(database, begin)() as conn:
            await conn.fetchval("SELECT 1")

    await work()
    warned = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: warned.append(told))
    for steps in range(60):
        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [told["message"] for told in warned if "transaction" in told["message"]] == []


async def test_a_transaction_is_undone_when_its_task_is_cancelled(database):
    async def never_ends():
        async with database.transaction_across_spaces() as conn:
            await conn.execute("CREATE TABLE notes ()")
            await conn.fetchval("SELECT pg_sleep(60)")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await never_ends()
    async with database.across_spaces() as conn:
        assert await conn.fetchval("SELECT to_regclass('notes')") is None


@pytest.mark.needs_session
async def test_a_connection_that_comes_back_in_a_transaction_is_closed_without_a_word(database):
    reported = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
    async with database.across_spaces() as conn:
        await conn.execute("BEGIN")
        await conn.execute("CREATE TABLE notes ()")
    async with database.across_spaces() as conn:
        assert await conn.fetchval("SELECT to_regclass('notes')") is None
    assert reported == []


async def test_postgres_itself_bounds_what_a_connection_may_take(database):
    async with database.across_spaces() as conn:
        settings = {
            row["name"]: row["setting"]
            for row in await conn.fetch("SELECT name, setting FROM pg_settings")
        }
    assert settings["application_name"] == "sage"
    assert settings["jit"] == "off"
    assert settings["plan_cache_mode"] == "force_custom_plan"
    assert settings["statement_timeout"] == "9000"
    assert settings["lock_timeout"] == "5000"
    assert settings["idle_in_transaction_session_timeout"] == "20000"


async def test_json_vectors_and_times_come_back_as_they_went(database):
    metadata = {"tea": ["绿茶", 1.5, None, True]}
    vector = HalfVector(np.array([0.5, -2.0], dtype=np.float32))
    when = datetime(2026, 5, 8, 13, 56, tzinfo=UTC)
    async with database.across_spaces() as conn:
        row = await conn.fetchrow(
            "SELECT $1::jsonb AS a, $2::halfvec AS b, $3::halfvec[] AS c, $4::timestamptz AS d",
            metadata,
            vector,
            [vector, vector],
            when,
        )
    assert dict(row) == {"a": metadata, "b": vector, "c": [vector, vector], "d": when}


async def test_a_database_without_the_extension_answers(empty_postgres_dsn, opened):
    async with opened(empty_postgres_dsn) as database, database.across_spaces() as conn:
        assert await conn.fetchval("""SELECT '{"a": 1}'::jsonb""") == {"a": 1}


@pytest.mark.parametrize(
    "dsn",
    [
        "nonsense",
        "postgresql://sage@host:port/sage",
        "postgresql://sage@127.0.0.1:99999/sage",
        "postgresql://sage@[::1/sage",
        "postgresql://sage@127.0.0.1/sage?sslmode=bogus",
    ],
)
async def test_settings_that_cannot_be_understood_say_where_to_look(opened, dsn):
    async with opened(dsn) as database:
        with pytest.raises(StoreError, match="are invalid") as caught:
            async with database.across_spaces():
                pass
    assert "DATABASE_URL" in caught.value.hint


async def test_callers_beyond_the_last_connection_wait_and_are_told_why(
    postgres_dsn, opened, monkeypatch
):
    monkeypatch.setattr(driver_pool, "_LINE_TIMEOUT_S", 0.3)
    async with opened(postgres_dsn, max_size=1) as database:
        async with database.across_spaces():
            with pytest.raises(StoreUnavailableError, match=r"all 1 connections .* busy"):
                async with database.across_spaces():
                    pass
        async with database.across_spaces() as conn:
            assert await conn.fetchval("SELECT 1") == 1


async def test_a_deadlock_is_tried_again(tries):
    async with tries.across_spaces() as conn:
        await conn.execute(_DRINK)
        await conn.execute(f"ALTER DATABASE {await _name(conn)} SET deadlock_timeout = '50ms'")
    async with tries.transaction_across_spaces() as conn:
        await conn.execute("SET LOCAL deadlock_timeout = '30s'")
        await conn.execute("UPDATE cups SET sips = sips + 1 WHERE id = 2")
        drinking = asyncio.create_task(tries.call_in_space("SELECT drink($1, $2)", "default"))
        while not await conn.fetchval("SELECT is_called FROM tries"):
            await asyncio.sleep(0.01)
        await conn.execute("UPDATE cups SET sips = sips + 1 WHERE id = 1")
    assert await drinking in {2, 3}  # the same may be met again while the other wakes up
    async with tries.across_spaces() as conn:
        assert await conn.fetch("SELECT sips FROM cups") == [(2,), (2,)]


async def test_a_statement_that_met_a_row_of_another_is_tried_again(tries):
    async with tries.across_spaces() as conn:
        await conn.execute("CREATE TABLE seats (id text PRIMARY KEY); GRANT ALL ON seats TO PUBLIC")
    add = (
        "INSERT INTO seats SELECT CASE WHEN nextval('tries') < 4 THEN 'taken'"
        " ELSE coalesce('free', $1, $2) END RETURNING id"
    )
    assert await tries.call_in_space(add, "default") == "taken"
    assert await tries.call_in_space(add, "default") == "free"


async def test_what_would_fail_again_is_not_tried_again(tries):
    wrong = "SELECT 1 / (0 * nextval('tries')) WHERE $1 || $2 IS NOT NULL"
    with pytest.raises(StoreError):
        await tries.call_in_space(wrong, "default")
    async with tries.across_spaces() as conn:
        assert await conn.fetchval("SELECT nextval('tries')") == 2


async def test_a_connection_killed_under_a_statement_is_replaced(tries):
    killing = (
        "SELECT CASE nextval('tries') WHEN 1 THEN pg_terminate_backend(pg_backend_pid())::int"
        " ELSE 7 END WHERE $1 || $2 IS NOT NULL"
    )
    assert await tries.call_in_space(killing, "default") == 7


@pytest.mark.needs_session
async def test_a_connection_that_did_not_answer_in_time_is_never_lent_again(postgres_dsn, opened):
    async with opened(postgres_dsn, max_size=1) as database:
        first = await _pid(database)
        assert await _pid(database) == first
        async with database.across_spaces() as conn:
            with pytest.raises(StoreUnavailableError, match="in time"):
                await conn.fetchval("SELECT pg_sleep(60)", timeout_s=0.1)
        assert await _pid(database) != first


async def test_a_connection_whose_driver_lost_its_way_is_never_lent_again(
    postgres_dsn, opened, monkeypatch
):
    async def lost(*_args, **_rest):
        raise asyncpg.InternalClientError("cannot switch to state 12")

    async with opened(postgres_dsn, max_size=1) as database:
        first = await _pid(database)
        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Connection, "fetchval", lost)
            with pytest.raises(StoreUnavailableError, match="was lost"):
                await _pid(database)
        assert await _pid(database) != first


async def test_the_connection_of_probes_is_kept_however_seldom_they_come(
    postgres_dsn, opened, monkeypatch
):
    monkeypatch.setattr("sage.store.connections.driver_pool._IDLE_S", 0.05)
    async with opened(postgres_dsn) as database:
        probed, called = await _pid(database.for_probes()), await _pid(database)
        async with asyncio.timeout(30):
            while database.pool_usage.size:
                await asyncio.sleep(0.01)
        assert await _pid(database.for_probes()) == probed
        assert await _pid(database) != called


async def test_work_in_the_background_of_a_cluster_leaves_a_connection_to_calls(
    postgres_dsn, opened, monkeypatch
):
    async with opened(postgres_dsn) as database, database.across_spaces() as conn:
        await conn.execute(
            "CREATE FUNCTION sage.is_distributed() RETURNS boolean LANGUAGE sql RETURN true"
        )
    monkeypatch.setattr("sage.store.connections.driver_pool._LINE_TIMEOUT_S", 0.2)
    async with opened(postgres_dsn, max_size=8) as database:
        background = database.for_background()
        await _pid(database)
        async with background.across_spaces(), background.across_spaces():
            with pytest.raises(StoreUnavailableError):
                await _pid(background)
            monkeypatch.undo()
            await _pid(database)
        await _pid(background)


async def _pid(database):
    async with database.across_spaces() as conn:
        return await conn.fetchval("SELECT pg_backend_pid()")


async def _make_notes_and_fail(lent):
    async with lent as conn:
        await conn.execute("CREATE TABLE notes ()")
        raise RuntimeError


async def _name(conn):
    return await conn.fetchval("SELECT current_database()")

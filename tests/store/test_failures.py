from __future__ import annotations

import asyncio
import inspect

import asyncpg
import pytest

from sage.errors import SchemaError, StoreError, StoreUnavailableError
from sage.store.failures import FAILURES, is_retryable, to_store_error
from tests.support.each import each
from tests.support.lending import LentForEach

DRIVER_FAILURES = [
    kind
    for _, kind in inspect.getmembers(asyncpg.exceptions, inspect.isclass)
    if issubclass(kind, FAILURES)
]


@each("kind", [*DRIVER_FAILURES, OSError, TimeoutError, ConnectionResetError])
def test_every_failure_of_the_driver_is_explained_with_a_hint_and_without_its_text(kind):
    error = to_store_error(kind("the secret"))
    assert isinstance(error, StoreError)
    assert error.message
    assert error.hint
    assert "secret" not in f"{error.message} {error.detail} {error.hint}"


@each(
    "failure",
    [
        asyncpg.InternalServerError("could not find valid entry for shard 102027"),
        asyncpg.InternalServerError("shard for the given value does not exist"),
        asyncpg.InsufficientPrivilegeError(
            'new row violates row-level security policy for table "saves_102101"'
        ),
    ],
)
def test_what_citus_refuses_while_a_shard_moves_is_tried_again(failure):
    error = to_store_error(failure)
    error.__cause__ = failure
    assert "moved to another server" in error.message
    assert is_retryable(error)


@pytest.mark.parametrize(
    ("sql", "kind", "text"),
    [
        ("SELECT pg_sleep(30)", StoreUnavailableError, "timed out"),
        ("SELECT 1 FROM nothing", SchemaError, "schema"),
        ("SELECT nothing FROM sage.memories", SchemaError, "schema"),
        ("SELECT '|'::tsquery", StoreError, "could not parse"),
        ("SELECT 1 / 0", StoreError, "cannot store"),
        ("INSERT INTO sage.memories DEFAULT VALUES", StoreError, "violates"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", StoreUnavailableError, "lost"),
        (
            "DO $$ BEGIN SET TRANSACTION READ ONLY; CREATE TABLE x (); END $$",
            StoreUnavailableError,
            "read-only",
        ),
    ],
)
async def test_a_provoked_failure_leaves_as_an_error_of_sage(postgres_dsn, opened, sql, kind, text):
    async with opened(postgres_dsn, command_timeout_s=1) as database:
        with pytest.raises(kind, match=text):
            async with database.across_spaces() as conn:
                await conn.execute(sql)
        async with database.across_spaces() as conn:
            assert await conn.fetchval("SELECT 1") == 1


@pytest.mark.parametrize("value", ["\ud800", 2**63, object()])
async def test_a_value_the_driver_cannot_send_is_an_error_of_sage(database, value):
    async with database.across_spaces() as conn:
        with pytest.raises(StoreError, match="cannot store"):
            await conn.fetchval("SELECT $1::bigint" if value == 2**63 else "SELECT $1::text", value)


async def test_a_lock_is_waited_for_a_bounded_time(postgres_dsn, opened):
    async with (
        opened(postgres_dsn, command_timeout_s=1) as database,
        database.transaction_across_spaces() as holder,
        database.transaction_across_spaces() as waiter,
    ):
        await holder.execute("LOCK TABLE sage.memories")
        with pytest.raises(StoreUnavailableError, match="for a lock"):
            await waiter.execute("LOCK TABLE sage.memories")


async def test_a_constraint_is_named_and_the_value_is_not(database):
    async with database.across_spaces() as conn:
        with pytest.raises(StoreError) as caught:
            await conn.execute(
                "INSERT INTO sage.embedding_queue VALUES ('secret', gen_random_uuid())"
            )
    assert "embedding_queue_space_id_memory_id_fkey" in caught.value.detail
    assert "secret" not in caught.value.detail


async def test_a_transaction_left_open_is_ended_by_postgres_and_the_pool_goes_on(
    postgres_dsn, opened
):
    async with opened(postgres_dsn, command_timeout_s=0.2) as database:
        with pytest.raises(StoreUnavailableError):
            await _dawdle(database)
        async with database.across_spaces() as conn:
            assert await conn.fetchval("SELECT to_regclass('notes')") is None


async def _dawdle(database):
    other = LentForEach(database)
    async with database.transaction_across_spaces() as conn:
        await conn.execute("CREATE TABLE notes ()")
        pid = await conn.fetchval("SELECT pg_backend_pid()")
        async with asyncio.timeout(20):
            while await other.fetchval("SELECT true FROM pg_stat_activity WHERE pid = $1", pid):
                await asyncio.sleep(0.02)
        await conn.fetchval("SELECT 1")

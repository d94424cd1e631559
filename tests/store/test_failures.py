from __future__ import annotations

import asyncio
import inspect
import socket
from functools import partial

import asyncpg
import pytest

from sage.errors import SchemaError, StoreError, StoreUnavailableError
from sage.store.failures import FAILURES, is_retryable, planned_too_early, to_store_error
from sage.store.repeating import repeated
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


OF_MOVED_SHARDS = [
    asyncpg.InternalServerError("could not find valid entry for shard 102027"),
    asyncpg.InternalServerError("could not find valid entry for shard placement 5"),
    asyncpg.InternalServerError("could not find shardinterval to which to send the query"),
    asyncpg.InternalServerError("could not find any shard placements for shardId 102027"),
    asyncpg.InternalServerError("shard 102027 does not have any shard placements"),
    asyncpg.InternalServerError("no active placements were found for shard 102027"),
    asyncpg.InternalServerError("failed to assign 1 task(s) to worker nodes"),
    asyncpg.InternalServerError("hash partitioned table has uninitialized shards"),
    asyncpg.InternalServerError("hash partitioned table has overlapping shards"),
    asyncpg.InternalServerError("the backend has already been assigned a transaction id"),
    asyncpg.InternalServerError("bug: shard index 7 out of bounds"),
    asyncpg.InvalidParameterValueError("could not find any healthy placement for shard 102027"),
    asyncpg.ObjectNotInPrerequisiteStateError("could not find any shards"),
    asyncpg.ObjectNotInPrerequisiteStateError("could not find shard for partition column value"),
    asyncpg.DataError("cannot find shard interval"),
    asyncpg.SerializationError("shard for the given value does not exist"),
    asyncpg.FeatureNotSupportedError("found no worker with all shard placements"),
    asyncpg.FeatureNotSupportedError(
        "cannot find a worker that has active placements for all shards in the query"
    ),
    asyncpg.FeatureNotSupportedError("shard counts of co-located tables do not match"),
    asyncpg.UndefinedTableError('relation "sage.embeddings_102117" does not exist'),
    asyncpg.InsufficientPrivilegeError(
        'new row violates row-level security policy for table "saves_102101"'
    ),
]
OF_REMOVED_TABLES = [
    asyncpg.InternalServerError("could not open relation with OID 24576"),
    asyncpg.InternalServerError("cache lookup failed for relation 24576"),
    asyncpg.InternalServerError("cache lookup failed for index 24576"),
    asyncpg.InternalServerError("tuple concurrently updated"),
    asyncpg.InternalServerError("tuple concurrently deleted"),
]
OF_LOST_NODES = [
    asyncpg.ConnectionFailureError("connection to the remote node sage@10.0.0.11:5432 failed"),
    asyncpg.InternalServerError(
        "could not commit transaction for shard 102027 on at least one active node"
    ),
    asyncpg.InternalServerError("failure on connection marked as essential: 10.0.0.11:5432"),
    asyncpg.InternalServerError(
        "execution cannot recover from multiple connection failures. Last node failed 10.0.0.11"
    ),
    asyncpg.PostgresIOError("failed to COPY to shard 102027 on 10.0.0.11:5432"),
]


@each("failure", OF_MOVED_SHARDS)
def test_what_citus_refuses_while_a_shard_moves_is_tried_again(failure):
    error = caused_by(failure)
    assert isinstance(error, StoreUnavailableError)
    assert "moved to another server" in error.message
    assert is_retryable(error)
    assert planned_too_early(error)


@each("failure", OF_REMOVED_TABLES)
def test_what_meets_a_removed_table_is_tried_again(failure):
    error = caused_by(failure)
    assert isinstance(error, StoreUnavailableError)
    assert "removed while it was used" in error.message
    assert planned_too_early(error)


@each("failure", OF_LOST_NODES)
def test_a_node_that_citus_lost_is_named_as_the_cause(failure):
    error = caused_by(failure)
    assert isinstance(error, StoreUnavailableError)
    assert "that stores this space does not answer" in error.message
    assert not planned_too_early(error)


@each(
    "failure",
    [
        asyncpg.UndefinedTableError('relation "sage.memories" does not exist'),
        asyncpg.InsufficientPrivilegeError(
            'new row violates row-level security policy for table "saves"'
        ),
        asyncpg.FeatureNotSupportedError("cannot run command which targets multiple shards"),
        asyncpg.DataError("no: could not find any shards"),
    ],
)
def test_a_lasting_failure_is_not_taken_for_a_moved_shard(failure):
    assert not planned_too_early(caused_by(failure))


async def test_what_meets_a_moved_shard_is_done_three_times_at_most():
    failures = [*OF_MOVED_SHARDS[:2]]
    assert await repeated(partial(_fail_with, failures)) == "done"
    failures = [*OF_MOVED_SHARDS[:4]]
    with pytest.raises(StoreUnavailableError):
        await repeated(partial(_fail_with, failures))
    assert len(failures) == 1


async def test_what_fails_otherwise_is_done_once():
    failures = [asyncpg.DeadlockDetectedError("deadlock detected"), *OF_MOVED_SHARDS]
    with pytest.raises(StoreUnavailableError, match="deadlock"):
        await repeated(partial(_fail_with, failures))
    assert len(failures) == len(OF_MOVED_SHARDS)


async def _fail_with(failures):
    if failures:
        raise caused_by(failures.pop(0))
    return "done"


def caused_by(failure):
    """Give the error of Sage that a failure of the driver leaves as."""
    error = to_store_error(failure)
    error.__cause__ = failure
    return error


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


def test_a_host_that_is_not_known_is_told_as_the_system_tells_it():
    with pytest.raises(socket.gaierror) as unknown:
        socket.getaddrinfo("no-such-host.invalid", 5432)
    assert to_store_error(unknown.value).detail == unknown.value.strerror


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

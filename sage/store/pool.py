"""Connections to Postgres: opened when needed, bounded in time, and found again after an outage.

Nothing is kept in a session: no `SET`, no session lock, no LISTEN. That is why connections are
given back as they are, and why a transaction pooler may stand between Sage and Postgres.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg

from sage.config.dsn import READ_WRITE
from sage.errors import StoreError, StoreUnavailableError
from sage.store.connection import Connection
from sage.store.connector import Connector
from sage.store.failures import FAILURES, TRANSIENT, is_retryable, to_store_error
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_CONNECT_TIMEOUT_S = 3.0
_ACQUIRE_TIMEOUT_S = 5.0
_RELEASE_TIMEOUT_S = 1.0
_CLOSE_TIMEOUT_S = 5.0
_IDLE_S = 300.0
_FIRST_DELAY_S = 0.05
_MAX_DELAY_S = 0.5
_ATTEMPTS = 3
POOL_SIZE = 8
"""How many connections a process keeps at most, beside one for maintenance."""

_MAINTENANCE_SETTINGS = {
    "statement_timeout": "0",
    "lock_timeout": "0",
    "maintenance_work_mem": "256MB",
    # Leaves processors to those who wait, and needs no shared memory: containers have little.
    "max_parallel_maintenance_workers": "0",
}

_BOUND_TRANSACTION = query("bound_transaction")

_Answer = TypeVar("_Answer")


async def open_database(
    dsn: str,
    *,
    max_size: int = POOL_SIZE,
    command_timeout_s: float = 10.0,
    kind: str = READ_WRITE,
) -> Database:
    """Return access to the database of a DSN. Nothing is connected yet: Postgres may be away.

    `command_timeout_s` bounds every query; Postgres is told to give up a little earlier. `kind` is
    the `target_session_attrs` where the DSN names several servers and says none.
    Raises StoreError when the DSN cannot be understood.
    """
    pool = _Pool(Connector(dsn, command_timeout_s, kind), max_size)
    await pool.open(command_timeout_s)
    return Database(pool)


@dataclass(frozen=True, slots=True)
class PoolUsage:
    """Connections: how many are open, unused, waited for, and may be open at most."""

    size: int
    idle: int
    waiting: int
    limit: int


class Database:
    """One Postgres database. Safe to use from many tasks; belongs to one event loop."""

    def __init__(self, pool: _Pool, ready: Callable[[], Awaitable[None]] | None = None) -> None:
        self._pool = pool
        self._connector = pool.connector
        self._ready = ready

    @property
    def dsn(self) -> str:
        """Return the DSN it was opened with, which may hold a password."""
        return self._connector.dsn

    def waiting_for(self, ready: Callable[[], Awaitable[None]]) -> Database:
        """Return the same database to those who may use it only after `ready` has returned.

        What `ready` raises, lending a connection raises.
        """
        return Database(self._pool, ready)

    async def close(self) -> None:
        """Close every connection, by force when one does not end within 5 s."""
        await self._pool.close()

    @property
    def behind_pooler(self) -> bool:
        """Whether a transaction pooler stands in between; not known before the first connection."""
        return self._connector.behind_pooler

    @property
    def pool_usage(self) -> PoolUsage:
        """How the connections of this process are used now."""
        return self._pool.usage

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Acquire a connection; each statement commits by itself.

        Waits up to 5 s in the first seconds of an outage, afterwards each call tries once.
        Raises StoreUnavailableError, or StoreError when waiting will not help.
        """
        async with AsyncExitStack() as stack:
            conn = await stack.enter_async_context(self._lent())
            if self._connector.behind_pooler:
                await stack.enter_async_context(self._bounded(conn))
            yield conn

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Acquire a connection in a transaction: all of the block is kept, or none of it.

        Raises as `connection` does.
        """
        async with self._lent() as conn, self._bounded(conn):
            yield conn

    @asynccontextmanager
    async def maintenance_connection(self) -> AsyncIterator[Connection]:
        """Open a connection beside the pool, for statements that may take hours.

        Each commits by itself, even behind a pooler: some refuse to run inside a transaction.
        Raises as `connection` does, after one attempt.
        """
        if self._ready is not None:
            await self._ready()
        try:
            driver = await self._connector.connect(
                timeout=_CONNECT_TIMEOUT_S, server_settings=_MAINTENANCE_SETTINGS
            )
        except FAILURES as error:
            raise to_store_error(error) from error
        try:
            yield Connection(driver)
        finally:
            with suppress(*FAILURES):
                await driver.close(timeout=_RELEASE_TIMEOUT_S)

    async def repeating(self, work: Callable[[Connection], Awaitable[_Answer]]) -> _Answer:
        """Run work that may run twice; try again after a conflict or a broken connection.

        Raises as `connection` does, after three attempts.
        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._once(work)
            except StoreError as error:
                if not is_retryable(error):
                    raise
        return await self._once(work)

    async def renew_vector_types(self) -> None:
        """Replace connections that were opened before the vector types existed."""
        if self._connector.lacks_vectors:
            self._connector.lacks_vectors = False
            await self._pool.expire()

    async def _once(self, work: Callable[[Connection], Awaitable[_Answer]]) -> _Answer:
        async with self.connection() as conn:
            return await work(conn)

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Connection]:
        if self._ready is not None:
            await self._ready()
        driver = await self._pool.acquire()
        try:
            yield Connection(driver)
        finally:
            await self._pool.release(driver)

    @asynccontextmanager
    async def _bounded(self, conn: Connection) -> AsyncIterator[None]:
        async with conn.transaction():
            if self._connector.behind_pooler:
                settings = self._connector.settings
                await conn.execute(_BOUND_TRANSACTION, list(settings), list(settings.values()))
            yield


class _Pool:
    """The driver's pool, which outlives outages of the database."""

    def __init__(self, connector: Connector, max_size: int) -> None:
        self.connector = connector
        self._max_size = max_size
        self._driver_pool: Any = None
        self._waiting = 0
        self._down_since: float | None = None

    async def open(self, command_timeout_s: float) -> None:
        """Make the pool; it stays empty until a connection is asked for."""
        try:
            self._driver_pool = await asyncpg.create_pool(
                min_size=0,
                max_size=self._max_size,
                max_inactive_connection_lifetime=_IDLE_S,
                connect=self.connector.connect,
                init=self.connector.prepare,
                reset=_keep_session,
                command_timeout=command_timeout_s,
                timeout=_CONNECT_TIMEOUT_S,
            )
        except FAILURES as error:
            raise to_store_error(error) from error

    async def close(self) -> None:
        with suppress(*FAILURES):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._driver_pool.close()

    @property
    def usage(self) -> PoolUsage:
        pool = self._driver_pool
        return PoolUsage(pool.get_size(), pool.get_idle_size(), self._waiting, self._max_size)

    async def expire(self) -> None:
        """Replace every connection before it is lent again."""
        await self._driver_pool.expire_connections()

    async def acquire(self) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Wait for a connection, in the first seconds of an outage until it is over."""
        deadline = time.monotonic() + _ACQUIRE_TIMEOUT_S
        delay_s = _FIRST_DELAY_S
        while True:
            try:
                driver = await self._lent_by(deadline)
            except FAILURES as error:
                if self._is_busy(error):
                    raise StoreUnavailableError(
                        f"all {self._max_size} connections to the database are busy",
                        hint="send the call again in a moment",
                    ) from error
                if not isinstance(error, TRANSIENT) or self._patience_ends(deadline, delay_s):
                    raise to_store_error(error) from error
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _MAX_DELAY_S)
            else:
                self._down_since = None
                return driver

    async def _lent_by(self, deadline: float) -> Any:  # noqa: ANN401 - asyncpg ships no types
        self._waiting += 1
        try:
            return await self._driver_pool.acquire(timeout=max(deadline - time.monotonic(), 0))
        finally:
            self._waiting -= 1

    async def release(self, driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        """Release a connection; close one whose transaction could not be rolled back."""
        with suppress(*FAILURES):
            # A cancel request that arrives late may hit the ROLLBACK instead of its statement.
            if not driver.is_closed() and driver.is_in_transaction():
                driver.terminate()
            await self._driver_pool.release(driver, timeout=_RELEASE_TIMEOUT_S)

    def _is_busy(self, error: Exception) -> bool:
        return isinstance(error, TimeoutError) and self._driver_pool.get_size() == self._max_size

    def _patience_ends(self, deadline: float, delay_s: float) -> bool:
        now = time.monotonic()
        if self._down_since is None:
            self._down_since = now
        return now + delay_s >= min(deadline, self._down_since + _ACQUIRE_TIMEOUT_S)


async def _keep_session(_driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
    """Reset nothing: nothing was set."""

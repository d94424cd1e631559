"""Connections to Postgres: opened when needed, with timeouts, and reopened after an outage.

A session has no state: no `SET`, no session lock, no LISTEN. So connections are released as they
are, and a transaction pooler may be used between Sage and Postgres.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sage.config.dsn import READ_WRITE
from sage.errors import StoreError
from sage.store.connections.absent_nodes import AbsentNodes
from sage.store.connections.application_login import ApplicationConnector
from sage.store.connections.connection import Connection
from sage.store.connections.connector import Connector
from sage.store.connections.driver_pool import (
    CONNECT_TIMEOUT_S,
    BackgroundPool,
    DriverPool,
    PoolUsage,
)
from sage.store.connections.row_security import begin_in_space
from sage.store.failures import (
    FAILURES,
    is_retryable,
    lost_a_node,
    node_is_away,
    to_store_error,
)
from sage.store.named_sql import query
from sage.store.repeating import repeated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
    from contextlib import AbstractAsyncContextManager

    from sage.store.connections.absent_nodes import AbsentNode

_RELEASE_TIMEOUT_S = 1.0
POOL_SIZE = 8
"""How many connections a process keeps at most, beside one for maintenance and one for probes."""

_SHARE_OF_SPACES = 5 / 8
"""How many of them work in spaces; those of the owner are lent for moments."""

_ABSENT_GROUPS = "sage.absent_groups"
_BOUND_TRANSACTION = query("bound_transaction")


async def open_database(
    dsn: str,
    *,
    max_size: int = POOL_SIZE,
    command_timeout_s: float = 10.0,
    kind: str = READ_WRITE,
) -> Database:
    """Return access to the database of a DSN. Nothing is connected yet: Postgres may be down.

    `command_timeout_s` bounds every query; Postgres gives up a little earlier. `kind` is the
    default of `target_session_attrs` if the DSN names several servers. Raises StoreError when the
    DSN cannot be parsed.
    """
    owner = Connector(dsn, command_timeout_s, kind)
    application = ApplicationConnector(owner)
    in_spaces = max(1, round(max_size * _SHARE_OF_SPACES))
    of_owner = DriverPool(owner, max(1, max_size - in_spaces))
    pools = _Pools(
        owner,
        application,
        of_owner=of_owner,
        of_background=BackgroundPool(of_owner, lambda: owner.is_distributed),
        of_spaces=DriverPool(application, in_spaces),
        of_probes=DriverPool(owner, 1, keeps_idle=True),
        absent=AbsentNodes(owner),
    )
    for pool in (of_owner, pools.of_spaces, pools.of_probes):
        await pool.open(command_timeout_s)
    return Database(pools)


@dataclass(frozen=True, slots=True)
class _Pools:
    """Connections of the owner, and those for spaces, which log in with a separate role.

    One more connection of the owner is for probes.
    """

    owner: Connector
    application: ApplicationConnector
    of_owner: DriverPool | BackgroundPool
    of_background: BackgroundPool
    of_spaces: DriverPool
    of_probes: DriverPool
    absent: AbsentNodes


class Database:
    """One Postgres database. Safe to use from many tasks; belongs to one event loop."""

    def __init__(self, pools: _Pools, ready: Callable[[], Awaitable[None]] | None = None) -> None:
        self._pools = pools
        self._connector = pools.owner
        self._ready = ready

    @property
    def dsn(self) -> str:
        """The DSN, which may contain a password."""
        return self._connector.dsn

    def waiting_for(self, ready: Callable[[], Awaitable[None]]) -> Database:
        """Return the same database for callers that must wait for `ready`.

        Borrowing a connection raises what `ready` raises.
        """
        return Database(self._pools, ready)

    def for_probes(self) -> Database:
        """Return the same database with a connection that no call waits for.

        It is for probes whether the database answers, which must not wait for other calls.
        """
        own = self._pools.of_probes
        return Database(replace(self._pools, of_owner=own, of_spaces=own), self._ready)

    def for_background(self) -> Database:
        """Return the same database to work that no call waits for.

        Across the spaces of a cluster it leaves a connection to calls: one server that does not
        answer is not to hold them all. While it is known which do not, `sage.absent_groups` has the
        numbers of their groups, and the functions that look over all spaces leave these out.
        """
        return Database(replace(self._pools, of_owner=self._pools.of_background), self._ready)

    async def close(self) -> None:
        """Close every connection, by force when one does not end within 5 s."""
        pools = (self._pools.of_owner, self._pools.of_spaces, self._pools.of_probes)
        await self._pools.absent.close()
        await asyncio.gather(*(pool.close() for pool in pools))

    @property
    def behind_pooler(self) -> bool:
        """Whether a transaction pooler is used; not known before the first connection."""
        return self._connector.behind_pooler

    @property
    def pool_usage(self) -> PoolUsage:
        """The present numbers of connections of this process."""
        return self._pools.of_owner.usage + self._pools.of_spaces.usage

    @property
    def is_distributed(self) -> bool:
        """Whether the tables of spaces are distributed; not known before the first connection."""
        return self._connector.is_distributed

    @property
    def absent_nodes(self) -> Collection[AbsentNode]:
        """The servers of a cluster that do not answer, as far as calls have shown."""
        return self._pools.absent.known.values()

    @property
    def application_role(self) -> str | None:
        """The role for spaces; None before the first connection, or if there is none."""
        return self._connector.application_role

    @property
    def logs_in_as_role(self) -> bool:
        """Whether connections for spaces log in with that role and not as the owner."""
        return self._pools.application.logs_in

    @asynccontextmanager
    async def in_space(self, space_id: str | None = None) -> AsyncIterator[Connection]:
        """Acquire a connection in a transaction that sees only the rows of this space.

        Waits up to 30 s while all connections are in use, and up to 5 s in the first seconds of an
        outage; afterwards each call tries once.
        Raises StoreUnavailableError, or StoreError when waiting will not help.
        """
        async with self._lent(self._pools.of_spaces, space_id) as conn:
            bounds = self._connector.settings if self._connector.behind_pooler else {}
            begin = begin_in_space(
                self.application_role, space_id, bounds, is_distributed=conn.is_distributed
            )
            async with conn.block(begin):
                yield conn

    @asynccontextmanager
    async def across_spaces(self) -> AsyncIterator[Connection]:
        """Acquire a connection that sees all spaces; each statement commits separately.

        It is for work that belongs to no space. Raises as `in_space` does.
        """
        async with self._lent(self._pools.of_owner) as conn:
            if not self._connector.behind_pooler and not self._left_out():
                yield conn
                return
            async with self._bounded(conn):
                yield conn

    @asynccontextmanager
    async def transaction_across_spaces(self) -> AsyncIterator[Connection]:
        """Acquire a connection that sees all spaces, in a transaction.

        The whole block is committed, or nothing. Raises as `in_space` does.
        """
        async with self._lent(self._pools.of_owner) as conn, self._bounded(conn):
            yield conn

    @asynccontextmanager
    async def maintenance_connection(
        self, settings: Mapping[str, str] | None = None
    ) -> AsyncIterator[Connection]:
        """Open a connection beside the pool, across spaces, for statements that may take hours.

        Each commits separately, even behind a pooler: some cannot run inside a transaction. The
        connection has `settings` of PostgreSQL, though not behind a pooler. Raises as `in_space`
        does, after one attempt.
        """
        if self._ready is not None:
            await self._ready()
        settings = {**self._left_out(), **(settings or {})}
        try:
            driver = await self._connector.connect_unbounded(CONNECT_TIMEOUT_S, settings)
            await self._connector.detect_distribution(driver)
        except FAILURES as error:
            raise to_store_error(error) from error
        try:
            conn = Connection(driver, is_distributed=self.is_distributed)
            yield conn
        finally:
            with suppress(*FAILURES):
                await driver.close(timeout=_RELEASE_TIMEOUT_S)

    async def call_in_space(self, statement: str, space_id: str, *args: object) -> Any:  # noqa: ANN401 - a column has any type
        """Execute a statement that binds itself to a space, in one message; return its first value.

        Its first argument is the role for spaces, its second the space. It may be executed twice:
        it is sent again after a conflict or a broken connection. Raises as `in_space` does, after
        three attempts.
        """

        async def call() -> Any:  # noqa: ANN401 - a column has any type
            async with self._for_one_statement(space_id) as conn:
                return await conn.fetchval(statement, self.application_role, space_id, *args)

        return await repeated(call, is_retryable)

    def _for_one_statement(self, space_id: str) -> AbstractAsyncContextManager[Connection]:
        """Acquire a connection; behind a pooler, with timeouts set as the transaction begins."""
        if self.behind_pooler:
            return self.in_space(space_id)
        return self._lent(self._pools.of_spaces, space_id)

    async def renew_sessions(self, *, all_of_them: bool = False) -> None:
        """Replace connections that were opened before the vector types or the role existed.

        Those opened before the tables were distributed lack nothing: replace `all_of_them`.
        """
        await self._pools.of_owner.renew(all_of_them=all_of_them)
        await self._pools.of_spaces.renew(all_of_them=all_of_them)

    @asynccontextmanager
    async def _lent(
        self, pool: DriverPool | BackgroundPool, space_id: str | None = None
    ) -> AsyncIterator[Connection]:
        if self._ready is not None:
            await self._ready()
        absent, in_background = self._pools.absent, pool is self._pools.of_background
        absent.require(space_id)
        is_watched = in_background or space_id is not None
        try:
            driver = await pool.acquire()
            try:
                conn = Connection(driver, is_distributed=self.is_distributed)
                await absent.require_by(conn, space_id)  # it may have been noticed meanwhile
                with absent.watching(space_id, driver) if is_watched else nullcontext():
                    yield conn
            finally:
                await pool.release(driver)
        except StoreError as error:
            if absent.has_away(space_id):
                raise node_is_away() from error
            if lost_a_node(error):
                absent.ask_all()
                if in_background:
                    await absent.until_all_are_asked()
            raise

    def _left_out(self) -> Mapping[str, str]:
        """Return the settings by which work in the background leaves out servers that are away."""
        absent = self._pools.absent.known
        if not absent or self._pools.of_owner is not self._pools.of_background:
            return {}
        return {_ABSENT_GROUPS: ",".join(map(str, absent))}

    @asynccontextmanager
    async def _bounded(self, conn: Connection) -> AsyncIterator[None]:
        async with conn.transaction():
            settings = {**self._left_out()}
            if self._connector.behind_pooler:
                settings.update(self._connector.settings)
            if settings:
                await conn.execute(_BOUND_TRANSACTION, list(settings), list(settings.values()))
            yield

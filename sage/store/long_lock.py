"""A lock in the database that one of many processes holds while it works."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.store.connections.pool import Database

_BOUND_TRANSACTION = query("bound_transaction")
_SETTINGS = {
    "idle_in_transaction_session_timeout": "0",
    # If the other machine is lost, the lock is released within a minute.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


@asynccontextmanager
async def long_lock(database: Database, try_lock: str, *args: object) -> AsyncIterator[bool]:
    """Try to hold a lock until the block ends; yield whether it was free.

    `try_lock` is a statement, of `args`, that returns no row if another process holds it. The lock
    has a connection beside the pool, and is released with it, so also when this process is killed:
    the work must remain correct without it. Raises StoreError.
    """
    async with AsyncExitStack() as stack:
        conn = await stack.enter_async_context(database.maintenance_connection())
        await stack.enter_async_context(conn.transaction())
        await conn.execute(_BOUND_TRANSACTION, list(_SETTINGS), list(_SETTINGS.values()))
        # By the command tag: a fetched row would hold its snapshot, which index builds wait for.
        is_mine = not (await conn.execute(try_lock, *args)).endswith(" 0")
        try:
            yield is_mine
        finally:
            with suppress(StoreError):
                await stack.aclose()

"""Checks of foreign keys, which PostgreSQL executes for each row inserted or deleted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from sage.store.connections.connection import Connection

_PLAN_CHECKS_ONCE = query("plan_checks_once")
_READ_PLANNING = query("read_planning")
_RESTORE_PLANNING = query("restore_planning")


def planned_once(conn: Connection) -> AbstractAsyncContextManager[None]:
    """Plan the checks once, not for each row, in the statements of the block.

    Call it in a transaction, around statements that insert or delete many rows. The statements
    themselves are planned for any arguments, too. On Citus nothing changes: the checks run on the
    workers, which plan them once as PostgreSQL does by default, and the coordinator has to see the
    space. Raises StoreError.
    """
    return _restoring_planning(conn, _PLAN_CHECKS_ONCE)


def planning_restored(conn: Connection) -> AbstractAsyncContextManager[None]:
    """Restore planning after the block, in which a statement has its own checks planned once.

    Such a statement includes `checks_planned_once`, and is itself planned for its arguments. Call
    it in a transaction. Raises StoreError.
    """
    return _restoring_planning(conn, _READ_PLANNING)


@asynccontextmanager
async def _restoring_planning(conn: Connection, settings_before: str) -> AsyncIterator[None]:
    """Execute a statement that returns the settings of planning; restore them after the block."""
    if conn.is_distributed:
        yield
        return
    (before,) = await conn.fetch(settings_before)
    yield
    await conn.execute(_RESTORE_PLANNING, before["plan_cache_mode"], before["enable_seqscan"])

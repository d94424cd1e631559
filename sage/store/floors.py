"""The least the database can do, to measure beside what Sage does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.store.connection import Connection
    from sage.store.memories import NewMemory

_SESSION = query("floor_session")
_INSERT = query("floor_insert")
_EMPTY_QUEUE = query("empty_queue")
_FILL_QUEUE = query("fill_queue")
_FORGET_QUEUE = query("forget_queue")
_SETTLE = query("settle_tables")


async def make_session(conn: Connection, space_id: str, session_id: str) -> None:
    """Make a session to insert into."""
    await conn.execute(_SESSION, space_id, session_id)


async def bare_insert(
    conn: Connection, space_id: str, session_id: str, rows: Sequence[NewMemory]
) -> None:
    """Insert messages and commit: no retry key, no queue."""
    await conn.execute(
        _INSERT,
        space_id,
        session_id,
        [row.memory_id for row in rows],
        [row.role.value for row in rows],
        [row.content for row in rows],
        [row.created_at for row in rows],
        [row.lexemes for row in rows],
    )


async def settle(conn: Connection) -> None:
    """Bring the tables into the state they come to rest in after many writes; nothing waits.

    Takes as long as many rows do: the connection must have the time.
    """
    await conn.execute(_FORGET_QUEUE)
    await conn.execute(_SETTLE)


async def fill_queue(conn: Connection) -> None:
    """Let every memory wait for its vector; takes as long as `settle` does."""
    await conn.execute(_FILL_QUEUE)


async def empty_queue(conn: Connection) -> None:
    """Let no memory wait for its vector any more, as if none had waited."""
    await conn.execute(_EMPTY_QUEUE)

"""Pages of memories and sessions, found by the position they follow (keyset pagination)."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sage.domain import limits
from sage.domain.listing import MemoryPage, Position, Session, SessionPage, SessionSummary
from sage.store.named_sql import query
from sage.store.search import read_hits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.domain.memories import Memory
    from sage.store.connections.connection import Connection

_LIST_MEMORIES = query("list_memories")
_LIST_SESSION = query("list_session")
_LIST_SESSIONS = query("list_sessions")

_PREVIEW_CHARS = 200
# asyncpg sends the first and the last moment as -infinity and infinity
_BEFORE_ALL = Position(datetime.min.replace(tzinfo=UTC), None)
_AFTER_ALL = Position(datetime.max.replace(tzinfo=UTC), None)


async def list_memories(
    conn: Connection, space_id: str, after: Position | None, limit: int
) -> MemoryPage:
    """Read one page of the memories of a space, the newest first."""
    start = after or _AFTER_ALL
    rows = await conn.fetch(_LIST_MEMORIES, space_id, start.created_at, start.memory_id, limit + 1)
    return MemoryPage(*await _read_page(conn, space_id, rows, limit))


async def list_session(
    conn: Connection, space_id: str, session_id: str, after: Position | None, limit: int
) -> Session:
    """Read one page of a session in its order; empty when there is no such session."""
    start = after or _BEFORE_ALL
    rows = await conn.fetch(
        _LIST_SESSION, space_id, session_id, start.created_at, start.memory_id, limit + 1
    )
    return Session(session_id, *await _read_page(conn, space_id, rows, limit))


async def list_sessions(
    conn: Connection, space_id: str, after: Position | None, limit: int
) -> SessionPage:
    """Read one page of the sessions of a space, the one with the latest message first."""
    start = after or _AFTER_ALL
    rows = await conn.fetch(
        _LIST_SESSIONS, space_id, start.created_at, start.memory_id, limit + 1, _PREVIEW_CHARS
    )
    page = rows[:limit]
    return SessionPage(
        tuple(
            SessionSummary(
                row["session_id"], row["memories"], row["first_at"], row["last_at"], row["preview"]
            )
            for row in page
        ),
        Position(page[-1]["last_at"], page[-1]["memory_id"]).to_cursor()
        if len(rows) > len(page)
        else None,
    )


async def _read_page(
    conn: Connection, space_id: str, rows: Sequence[Mapping[str, Any]], limit: int
) -> tuple[tuple[Memory, ...], str | None]:
    """Read as many of the memories found as a page may hold, and the cursor of the next page.

    A page ends with the memory that brings its texts to `limits.MAX_PAGE_BYTES`.
    """
    sizes = accumulate((row["size_bytes"] for row in rows), initial=0)
    page = [
        row
        for row, bytes_before in zip(rows[:limit], sizes, strict=False)
        if bytes_before < limits.MAX_PAGE_BYTES
    ]
    memories = await read_hits(conn, space_id, [row["memory_id"] for row in page])
    return (
        tuple(memories[row["memory_id"]] for row in page if row["memory_id"] in memories),
        Position(page[-1]["created_at"], page[-1]["memory_id"]).to_cursor()
        if len(rows) > len(page)
        else None,
    )

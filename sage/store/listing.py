"""Pages of memories and sessions, read from a position (keyset pagination)."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sage.domain import limits
from sage.domain.listing import (
    ForgottenMemory,
    ForgottenPage,
    ListOrder,
    ListPosition,
    MemoryPage,
    PageRequest,
    Session,
    SessionPage,
    SessionSummary,
)
from sage.domain.memories import Role
from sage.domain.provenance import UNKNOWN_SOURCE
from sage.store.named_sql import query
from sage.store.search import filter_values, read_hits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.domain.listing import ForgottenRequest, MemoriesRequest, SessionsRequest
    from sage.domain.memories import Memory
    from sage.store.connections.connection import Connection

    _Row = Mapping[str, Any]

_COUNT_SESSION = query("count_session")
_COUNT_SESSIONS = query("count_listed_sessions")
_FIND_IN_SESSION = query("find_in_session")
_LIST_FORGOTTEN = query("list_forgotten")
_LIST_KEPT = query("list_kept")
_LIST_KEPT_BACK = query("list_kept_back")
_LIST_MEMORIES = query("list_memories")
_LIST_MEMORIES_BACK = query("list_memories_back")
_LIST_MATCHING = query("list_matching")
_LIST_MATCHING_BACK = query("list_matching_back")
_LIST_SESSION = query("list_session")
_LIST_SESSION_BACK = query("list_session_back")
_LIST_SESSIONS = query("list_sessions")
_LIST_SESSIONS_BACK = query("list_sessions_back")
_NAMES_OF_PROJECT = query("names_of_project")

_PREVIEW_CHARS = 200
# asyncpg sends the earliest and the latest time as -infinity and infinity
_BEFORE_ALL = ListPosition(datetime.min.replace(tzinfo=UTC), None)
AFTER_ALL = ListPosition(datetime.max.replace(tzinfo=UTC), None)


async def list_memories(conn: Connection, page: MemoriesRequest) -> MemoryPage:
    """Read one page of the memories of a space, newest first."""
    start = page.position or AFTER_ALL
    place = (page.space_id, start.created_at, start.memory_id, page.limit + 1)
    if page.order is ListOrder.KEPT:
        time = "kept_at"
        within = (
            page.kept_since or _BEFORE_ALL.created_at,
            page.kept_until or AFTER_ALL.created_at,
        )
        rows = await conn.fetch(_LIST_KEPT_BACK if page.goes_back else _LIST_KEPT, *place, *within)
    elif page.filters is not None:
        time = "created_at"
        rows = await conn.fetch(
            _LIST_MATCHING_BACK if page.goes_back else _LIST_MATCHING,
            *place,
            *filter_values(page.filters),
        )
    else:
        time = "created_at"
        rows = await conn.fetch(_LIST_MEMORIES_BACK if page.goes_back else _LIST_MEMORIES, *place)
    shown = _within_bounds(rows, page.limit)
    return MemoryPage(
        await _read(conn, page.space_id, _in_order(shown, page)),
        *_cursors(rows, shown, page, time=time),
    )


async def list_session(conn: Connection, session_id: str, page: PageRequest) -> Session:
    """Read one page of a session in order; empty if there is no such session."""
    start = page.position or _BEFORE_ALL
    rows = await conn.fetch(
        _LIST_SESSION_BACK if page.goes_back else _LIST_SESSION,
        *(page.space_id, session_id, start.created_at, start.memory_id, page.limit + 1),
    )
    shown = _within_bounds(rows, page.limit)
    return Session(
        session_id,
        await _read(conn, page.space_id, _in_order(shown, page)),
        *_cursors(rows, shown, page),
        total=await _count_session(conn, page.space_id, session_id),
    )


async def find_page_around(
    conn: Connection, session_id: str, memory_id: UUID, page: PageRequest
) -> PageRequest | None:
    """Return the page of a session with a memory in its middle; None if the memory is not in it."""
    created_at = await conn.fetchval(_FIND_IN_SESSION, page.space_id, session_id, memory_id)
    if created_at is None:
        return None
    most = (page.limit - 1) // 2
    before = await conn.fetch(
        _LIST_SESSION_BACK, page.space_id, session_id, created_at, memory_id, most + 1
    )
    shown = _within_bounds(before, most, limits.MAX_PAGE_BYTES // 2)
    if len(before) == len(shown):
        return PageRequest(page.limit, None, page.space_id, page.reader)
    start = before[len(shown)]
    cursor = ListPosition(start["created_at"], start["memory_id"]).to_cursor()
    return PageRequest(page.limit, cursor, page.space_id, page.reader)


async def list_sessions(conn: Connection, page: SessionsRequest) -> SessionPage:
    """Read one page of the sessions that match, ordered by their latest message, newest first."""
    names = None
    if page.project is not None:
        names = await conn.fetchval(_NAMES_OF_PROJECT, page.space_id, page.project)
    fitting = (page.space_id, page.since, page.until, names, page.source, page.author)
    start = page.position or AFTER_ALL
    rows = await conn.fetch(
        _LIST_SESSIONS_BACK if page.goes_back else _LIST_SESSIONS,
        *(*fitting, start.created_at, start.memory_id, page.limit + 1, _PREVIEW_CHARS),
    )
    counted = await conn.fetchrow(_COUNT_SESSIONS, *fitting, limits.MAX_COUNTED)
    shown = rows[: page.limit]
    return SessionPage(
        tuple(read_summary(row) for row in _in_order(shown, page)),
        *_cursors(rows, shown, page, time="placed_at", tie="place"),
        total=counted["sessions"] if counted else 0,
        total_is_exact=counted is not None and counted["looked_at"] < limits.MAX_COUNTED,
    )


async def list_forgotten(conn: Connection, page: ForgottenRequest) -> ForgottenPage:
    """Read one page of the forgotten memories that can be restored and match, the latest first.

    It is shorter if few of the examined memories match: their number is bounded.
    """
    start = page.position or AFTER_ALL
    rows = await conn.fetch(
        _LIST_FORGOTTEN,
        *(page.space_id, start.created_at, start.memory_id, page.limit + 1),
        *(limits.UNDO_WINDOW_DAYS, _PREVIEW_CHARS),
        *(page.since, page.until, page.by, page.session_id, limits.MAX_COUNTED),
    )
    fitting = [row for row in rows if row["fits"]]
    shown = fitting[: page.limit]
    last = shown[-1] if len(fitting) > len(shown) else next(reversed(rows), None)
    has_more = len(rows) > len(shown)
    return ForgottenPage(
        tuple(_forgotten(row) for row in shown),
        ListPosition(last["forgotten_at"], last["memory_id"]).to_cursor()
        if last and has_more
        else None,
    )


def _forgotten(row: _Row) -> ForgottenMemory:
    values = {name: value for name, value in row.items() if name != "fits"}
    return ForgottenMemory(**{**values, "role": Role(row["role"])})


async def _count_session(conn: Connection, space_id: str, session_id: str) -> int:
    return int(await conn.fetchval(_COUNT_SESSION, space_id, session_id))


def read_summary(row: _Row) -> SessionSummary:
    """Return the summary of a session in a list, from its row."""
    return SessionSummary(
        *(row["session_id"], row["memories"], row["first_at"], row["last_at"], row["preview"]),
        row["project"],
        row["source"] or UNKNOWN_SOURCE,
        row["author"],
        row["metadata"],
    )


def _within_bounds(
    rows: Sequence[_Row], limit: int, most_bytes: int = limits.MAX_PAGE_BYTES
) -> Sequence[_Row]:
    """Return as many of the rows as a page may hold.

    It ends with the memory with which its texts reach `most_bytes`.
    """
    sizes = accumulate((row["size_bytes"] for row in rows), initial=0)
    return [
        row
        for row, bytes_before in zip(rows[:limit], sizes, strict=False)
        if bytes_before < most_bytes
    ]


def _in_order(shown: Sequence[_Row], page: PageRequest) -> Sequence[_Row]:
    """Return the rows of a page in order; if it goes back they were read from its end."""
    return shown[::-1] if page.goes_back else shown


def _cursors(
    found: Sequence[_Row],
    shown: Sequence[_Row],
    page: PageRequest,
    *,
    time: str = "created_at",
    tie: str = "memory_id",
) -> tuple[str | None, str | None]:
    """Return the cursors of the next page and of the one before.

    There is a further page if more rows were found than are shown, and at the end from which the
    caller came.
    """
    if not shown:
        return None, None
    has_more = len(found) > len(shown)
    ordered = _in_order(shown, page)
    first, last = ordered[0], ordered[-1]
    has_next = page.goes_back or has_more
    has_previous = has_more if page.goes_back else page.cursor is not None
    return (
        ListPosition(last[time], last[tie]).to_cursor() if has_next else None,
        ListPosition(first[time], first[tie]).to_cursor(back=True) if has_previous else None,
    )


async def _read(conn: Connection, space_id: str, rows: Sequence[_Row]) -> tuple[Memory, ...]:
    memories = await read_hits(conn, space_id, [row["memory_id"] for row in rows])
    return tuple(memories[row["memory_id"]] for row in rows if row["memory_id"] in memories)

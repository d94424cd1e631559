"""Read the messages of a project, and statements of all projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.domain.memories import Memory, MemoryRecord, Role
from sage.domain.message_class import MessageClass
from sage.domain.recall import SessionTurn, Stated
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_LATEST_SESSIONS = query("latest_sessions_of_project")
_TURNS = query("turns_of_session")
_PREFERENCES = query("preferences_of_project")
_WISHES = query("wishes_of_project")
_DECISIONS = query("decisions_of_project")
_STATEMENTS = query("statements_of_project")
_OTHER_USERS = query("has_other_users")
_SAID_ALREADY = query("said_already")
_UNDER_ANY_NAME = query("under_any_name")
_MAX_TURNS = 40
_STATED = {
    Stated.PREFERENCE: _PREFERENCES,
    Stated.WISH: _WISHES,
    Stated.DECISION: _DECISIONS,
}
_MOST_LOOKED_AT = 3_000
"""In case few are of the project: one person makes as many such statements in years."""
_SHOWN_CHARS = 600
"""The number of characters to read of the beginning, and of the end, of each message."""
_REMARKS = (MessageClass.REMARK.code,)
_NOT_THEIR_OWN = (*_REMARKS, MessageClass.QUOTATION.code)
"""Messages on the way to an answer, and memories that Sage itself had returned."""


async def latest_sessions_of_project(
    conn: Connection, space_id: str, project: str, but: Sequence[str], limit: int
) -> list[str]:
    """Find the latest sessions on a project, latest first. Raises StoreError."""
    of_project = await conn.fetchval(_UNDER_ANY_NAME, space_id, {"project": project})
    rows = await conn.fetch(_LATEST_SESSIONS, space_id, of_project, but, limit)
    return [row["session_id"] for row in rows]


async def turns_of_session(
    conn: Connection, space_id: str, project: str, session_id: str
) -> list[SessionTurn]:
    """Read the first message of a session on a project and its last ones, in order.

    Classified remarks of an agent while it worked are left out. Raises StoreError.
    """
    rows = await conn.fetch(
        _TURNS,
        space_id,
        session_id,
        {"project": project},
        _REMARKS,
        _SHOWN_CHARS,
        _MAX_TURNS,
    )
    return [*map(_turn, reversed(rows))]


async def stated_of_project(  # noqa: PLR0913 - whose memories, and which of them
    conn: Connection,
    *,
    space_id: str,
    project: str | None,
    but: Sequence[str],
    stated: Stated,
    limit: int,
) -> list[Memory]:
    """Read the newest memories in which people state something, except those of some sessions.

    They are those of the project and of none; of all projects if it is None. In each space the
    newest 3,000 such memories are examined. Raises StoreError.
    """
    chosen = (space_id, project, but, limit, _NOT_THEIR_OWN, _MOST_LOOKED_AT)
    rows = await conn.fetch(_STATED[stated], *chosen)
    return [*map(_memory, rows)]


async def statements_of_project(  # noqa: PLR0913 - of which project, and on what
    conn: Connection,
    *,
    space_id: str,
    project: str,
    but: Sequence[str],
    tsquery: str,
    max_chars: int,
    limit: int,
) -> list[Memory]:
    """Read the newest statements of people that match a literal of a tsquery.

    They are those of the project and of none, and not of some sessions. Raises StoreError.
    """
    chosen = (space_id, project, but, max_chars, limit, tsquery, MessageClass.STATEMENT.code)
    return [*map(_memory, await conn.fetch(_STATEMENTS, *chosen))]


async def has_other_users(conn: Connection, space_id: str, name: str | None) -> bool:
    """Return whether a user of another name has access to a space. Raises StoreError."""
    return bool(await conn.fetchval(_OTHER_USERS, space_id, name))


async def said_already(
    conn: Connection,
    space_id: str,
    session_ids: Sequence[str],
    memory_ids: Sequence[UUID],
    texts: Collection[str],
) -> set[str]:
    """Return which texts occur in sessions, or are those of memories. Raises StoreError."""
    rows = await conn.fetch(_SAID_ALREADY, space_id, session_ids, memory_ids, [*texts])
    return {row["content"] for row in rows}


def _memory(row: Mapping[str, Any]) -> Memory:
    return Memory(**{**row, "role": Role(row["role"])})


def _turn(row: Mapping[str, Any]) -> SessionTurn:
    of_memory = ("memory_id", "session_id", "role", "name", "content", "created_at")
    values = [row[name] for name in of_memory]
    values[2] = Role(row["role"])
    return SessionTurn(
        MemoryRecord(
            *values,
            author=row["author"],
            source=row["source"],
            confirmed_at=row["confirmed_at"],
        ),
        MessageClass.of_code(row["class"]),
        is_answered=row["is_answered"],
        chars=row["chars"],
        ending=row["ending"],
        is_unfinished=row["is_unfinished"],
    )

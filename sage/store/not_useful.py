"""Marks of memories as not useful, in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.connection import Connection

_LATEST_MARK = query("latest_mark")
_LATEST_RECALL = query("latest_recall")
_MARKS_AT_START = query("marks_at_start")
_MARKS_ON = query("marks_on")
_MARK_NOT_USEFUL = query("mark_not_useful")
_SPACES_WITH_MARKS = query("spaces_with_marks")
_TAKE_MARK_BACK = query("take_mark_back")


class Mark(NamedTuple):
    """A mark of a memory as not useful: its time, the hashes of words, and their key."""

    memory_id: UUID
    marked_at: datetime
    words: Sequence[int]
    word_key: bytes


async def spaces_with_marks(conn: Connection) -> set[str]:
    """Return the spaces in which memories were marked. Raises StoreError."""
    return {row["space_id"] for row in await conn.fetch(_SPACES_WITH_MARKS)}


async def marks_on(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> list[Mark]:
    """Return the marks on memories, or on their replies. Raises StoreError."""
    return [Mark(**row) for row in await conn.fetch(_MARKS_ON, space_id, [*memory_ids])]


async def marks_at_start(conn: Connection, space_id: str, project: str) -> set[UUID]:
    """Return the memories marked at the start of sessions of a project. Raises StoreError."""
    return {row["memory_id"] for row in await conn.fetch(_MARKS_AT_START, space_id, project)}


class Marked(NamedTuple):
    """The time and the author of a mark, and whether it is new."""

    marked_at: datetime
    marked_by: str | None
    changed: bool


async def mark_not_useful(
    conn: Connection, space_id: str, recall_id: UUID, memory_id: UUID, by: str | None
) -> Marked | None:
    """Mark a memory that was recalled on an occasion; None if it was not.

    Raises StoreError.
    """
    row = await conn.fetchrow(_MARK_NOT_USEFUL, space_id, recall_id, memory_id, by)
    return None if row is None else Marked(**row)


async def latest_recall(conn: Connection, space_id: str, memory_id: UUID) -> UUID | None:
    """Return the latest occasion on which a memory was recalled. Raises StoreError."""
    found: UUID | None = await conn.fetchval(_LATEST_RECALL, space_id, memory_id)
    return found


async def latest_mark(conn: Connection, space_id: str, memory_id: UUID) -> UUID | None:
    """Return the latest occasion for which a memory was marked. Raises StoreError."""
    found: UUID | None = await conn.fetchval(_LATEST_MARK, space_id, memory_id)
    return found


async def take_mark_back(conn: Connection, space_id: str, recall_id: UUID, memory_id: UUID) -> bool:
    """Remove a mark; return whether there was one. Raises StoreError."""
    return bool(await conn.fetchval(_TAKE_MARK_BACK, space_id, recall_id, memory_id))

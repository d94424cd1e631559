"""Conversations in the database: kept once, read in order, forgotten and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sage.domain import limits
from sage.domain.memories import Memory, Role
from sage.errors import ConflictError, StoreUnavailableError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connection import Connection
    from sage.store.pool import Database

_COUNT_UNKNOWN = query("count_unknown")
_FIND_SAVE = query("find_save")
_FORGET_MEMORIES = query("forget_memories")
_PURGE_FORGOTTEN = query("purge_forgotten")
_PURGE_SAVES = query("purge_saves")
_PURGE_SESSIONS = query("purge_sessions")
_READ_MEMORY = query("read_memory")
_READ_SESSION = query("read_session")
_RESTORE_MEMORIES = query("restore_memories")
_SAVE_CONVERSATION = query("save_conversation")

_PURGE_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A message about to be kept. `lexemes` is the text of a tsvector."""

    memory_id: UUID
    role: Role
    name: str | None
    content: str
    created_at: datetime
    lexemes: str


@dataclass(frozen=True, slots=True)
class SaveOutcome:
    """What a save led to. `saved` is False when an earlier call had kept the same.

    `pending` tells whether vectors of the memories are still to come.
    """

    session_id: str
    memory_ids: tuple[UUID, ...]
    saved: bool
    pending: bool


@dataclass(frozen=True, slots=True)
class Change:
    """How many memories were changed, and how many of the ids or sessions named do not exist."""

    count: int
    unknown: int


async def save_conversation(  # noqa: PLR0913 - one save has this many facts
    database: Database,
    *,
    space_id: str,
    session_id: str,
    rows: Sequence[NewMemory],
    metadata: Mapping[str, object],
    retry_key: str,
    body_digest: bytes,
    lasting: bool,
) -> SaveOutcome:
    """Keep a conversation whole, or find the answer given before under `retry_key`.

    One statement does it all, so it may be sent again when the connection breaks. An answer lasts
    (`lasting`), or holds for `limits.RETRY_WINDOW_S` and until something it kept is forgotten.
    Raises ConflictError when the key was used with another body, StoreError.
    """
    memory_ids = [row.memory_id for row in rows]
    arguments = (
        space_id,
        retry_key,
        body_digest,
        session_id,
        memory_ids,
        [row.role.value for row in rows],
        [row.name for row in rows],
        [row.content for row in rows],
        [row.created_at for row in rows],
        [row.lexemes for row in rows],
        metadata,
        lasting,
        limits.RETRY_WINDOW_S,
    )

    async def save(conn: Connection) -> Mapping[str, Any] | None:
        if await conn.fetchval(_SAVE_CONVERSATION, *arguments):
            return None
        return await _earlier_answer(conn, space_id, retry_key)

    earlier = await database.repeating(save)
    if earlier is None:
        return SaveOutcome(session_id, tuple(memory_ids), saved=True, pending=True)
    if earlier["body_digest"] != body_digest:
        raise ConflictError(
            "this idempotency_key was used before with another conversation",
            hint="use a new idempotency_key for a new conversation",
        )
    return SaveOutcome(
        earlier["session_id"],
        tuple(earlier["memory_ids"]),
        # Equal ids: the first attempt of this very call was kept before its connection broke.
        saved=earlier["memory_ids"] == memory_ids,
        pending=earlier["pending"],
    )


async def read_memory(conn: Connection, space_id: str, memory_id: UUID) -> Memory | None:
    """Read one memory; None when it does not exist or is forgotten."""
    row = await conn.fetchrow(_READ_MEMORY, space_id, memory_id)
    return None if row is None else _memory(row)


async def read_session(conn: Connection, space_id: str, session_id: str) -> tuple[Memory, ...]:
    """Read a session in its order: by `created_at`, then by arrival. Empty when unknown."""
    return tuple(_memory(row) for row in await conn.fetch(_READ_SESSION, space_id, session_id))


async def forget(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], session_id: str | None
) -> Change:
    """Hide memories from every reader, by ids or by session; `restore` undoes it for 30 days."""
    which = (space_id, memory_ids, session_id)
    count = await conn.fetchval(_FORGET_MEMORIES, *which)
    return Change(count, await conn.fetchval(_COUNT_UNKNOWN, *which, limits.UNDO_WINDOW_DAYS))


async def restore(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], session_id: str | None
) -> Change:
    """Bring back what was forgotten in the last 30 days, by ids or by session."""
    which = (space_id, memory_ids, session_id, limits.UNDO_WINDOW_DAYS)
    count = await conn.fetchval(_RESTORE_MEMORIES, *which)
    return Change(count, await conn.fetchval(_COUNT_UNKNOWN, *which))


async def purge_expired(conn: Connection) -> int:
    """Delete for good what was forgotten over 30 days ago, and answers to saves as old.

    Gives how many memories went. Works in batches, each committed by itself outside a transaction.
    """
    purged = 0
    while rows := await conn.fetch(_PURGE_FORGOTTEN, limits.UNDO_WINDOW_DAYS, _PURGE_BATCH):
        purged += len(rows)
        spaces = [row["space_id"] for row in rows]
        await conn.execute(_PURGE_SESSIONS, spaces, [row["session_id"] for row in rows])
    while await conn.fetch(_PURGE_SAVES, limits.UNDO_WINDOW_DAYS, _PURGE_BATCH):
        pass
    return purged


async def _earlier_answer(conn: Connection, space_id: str, retry_key: str) -> Mapping[str, Any]:
    row = await conn.fetchrow(_FIND_SAVE, space_id, retry_key)
    if row is None:
        raise StoreUnavailableError(
            "the earlier answer to this save was just deleted", hint="send the call again"
        )
    return row


def _memory(row: Mapping[str, Any]) -> Memory:
    return Memory(**{**row, "role": Role(row["role"])})

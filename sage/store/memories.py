"""Conversations in the database: stored once, read in order, forgotten and restored."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sage.domain import limits
from sage.domain.memories import Indexed, Memory, Role, SaveReceipt
from sage.errors import ConflictError, StoreUnavailableError
from sage.store.foreign_keys import planning_restored
from sage.store.message_classes import mark_for_classification
from sage.store.named_sql import query
from sage.store.replacements import settle_superseded
from sage.store.session_days import count_days_again
from sage.store.space_masking import Masked, OtherMaskingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from sage.domain.retries import RetryIdentity
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.message_classes import StoredClass

_COUNT_UNKNOWN = query("count_unknown")
_DELETE_EMPTY_SESSIONS = query("delete_empty_sessions")
_FIND_SAVE = query("find_save")
_FORGET_MEMORIES = query("forget_memories")
_MEMORIES_BY_AUTHOR = query("memories_by_author")
_LOCK_SESSIONS = query("lock_sessions")
_PURGE_FORGOTTEN = query("purge_forgotten")
_PURGE_SAVES = query("purge_saves")
_READ_MEMORY = query("read_memory")
_READ_SESSION = query("read_session")
_RESTORE_MEMORIES = query("restore_memories")
_SAVE_CONVERSATION = query("save_conversation")

_PURGE_BATCH = 1_000
_MASKED = Masked()
_NONE: Mapping[UUID, UUID] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NewMemory:
    """A memory to be stored. `lexemes` is the text of a tsvector.

    Without a class it counts as a statement until it is classified.
    """

    memory: Memory
    lexemes: str
    classification: StoredClass | None = None


@dataclass(frozen=True, slots=True)
class ChangeCounts:
    """How many memories were changed, and how many of the named ids or sessions do not exist."""

    count: int
    unknown: int


async def save_conversation(  # noqa: PLR0913 - what is stored, and how
    database: Database,
    space_id: str,
    new: Sequence[NewMemory],
    identity: RetryIdentity,
    *,
    replaces: Sequence[UUID] = (),
    masked: Masked = _MASKED,
    event: str | None = None,
    replies: Mapping[UUID, UUID] = _NONE,
) -> SaveReceipt:
    """Store a whole conversation, or return the stored answer under its retry key.

    Its memories share session, metadata, author and source; each of them replaces `replaces`. It is
    one statement, so it may be sent again when the connection breaks. An answer that is not
    permanent is valid for `limits.RETRY_WINDOW_S` and until one of its memories is forgotten.
    `event` is the text of a row of the audit log, which is added in the same statement. `replies`
    maps earlier questions to the new memories that answer them. Raises OtherMaskingError if secrets
    are masked but should not be in the space, or the reverse, ConflictError when the key was used
    with another body, StoreError.
    """
    kept = [one.memory for one in new]
    memory_ids = [memory.memory_id for memory in kept]
    classes = [one.classification for one in new]
    is_new = await database.call_in_space(
        _SAVE_CONVERSATION,
        space_id,
        identity.retry_key,
        identity.body_digest,
        kept[0].session_id,
        memory_ids,
        [memory.role.value for memory in kept],
        [memory.name for memory in kept],
        [memory.content for memory in kept],
        [memory.created_at for memory in kept],
        [one.lexemes for one in new],
        kept[0].metadata,
        identity.lasting,
        limits.RETRY_WINDOW_S,
        list(replaces),
        kept[0].author,
        kept[0].source,
        masked.was,
        masked.by_default,
        [None if one is None else one.message_class.code for one in classes],
        max((one.rules_version for one in classes if one is not None), default=0),
        [None if one is None else one.reply_id for one in classes],
        list(replies),
        list(replies.values()),
        event,
    )
    if is_new is None:
        raise OtherMaskingError
    if is_new:
        queued = any(one is None or one.message_class.is_ranked for one in classes)
        return SaveReceipt(
            kept[0].session_id,
            tuple(memory_ids),
            saved=True,
            indexed=Indexed.PENDING if queued else Indexed.READY,
        )
    earlier = await _earlier_answer(database, space_id, identity.retry_key)
    if earlier["body_digest"] not in (identity.body_digest, b""):  # empty: see replace_texts
        raise ConflictError(
            "this idempotency_key was used before with another conversation",
            hint="use a new idempotency_key for a new conversation",
        )
    return SaveReceipt(
        earlier["session_id"],
        tuple(earlier["memory_ids"]),
        # Equal ids: the first attempt of this call was committed before its connection broke.
        saved=earlier["memory_ids"] == memory_ids,
        indexed=Indexed.PENDING if earlier["pending"] else Indexed.READY,
    )


async def read_memory(conn: Connection, space_id: str, memory_id: UUID) -> Memory | None:
    """Read one memory; None if it does not exist or is forgotten."""
    row = await conn.fetchrow(_READ_MEMORY, space_id, memory_id)
    return None if row is None else _memory(row)


async def read_session(conn: Connection, space_id: str, session_id: str) -> tuple[Memory, ...]:
    """Read a session in order: by `created_at`, then by arrival. Empty if it does not exist."""
    return tuple(_memory(row) for row in await conn.fetch(_READ_SESSION, space_id, session_id))


async def forget(
    conn: Connection,
    space_id: str,
    memory_ids: Sequence[UUID],
    session_id: str | None,
    by: str | None = None,
) -> ChangeCounts:
    """Hide memories from every reader, by ids or by session; `restore` undoes it for 30 days.

    Memories that only these replaced are valid again. Outside a transaction readers may see the
    state between the two steps.
    """
    which = (space_id, memory_ids, session_id)
    forgotten = await conn.fetchval(_FORGET_MEMORIES, *which, by)
    await mark_for_classification(conn, space_id, forgotten)
    await settle_superseded(conn, *which)
    await count_days_again(conn, space_id, forgotten)
    return ChangeCounts(
        len(forgotten), await conn.fetchval(_COUNT_UNKNOWN, *which, limits.UNDO_WINDOW_DAYS)
    )


async def saved_by(
    conn: Connection, space_id: str, session_id: str, author: str | None
) -> Sequence[UUID]:
    """Return the memories of a session that an author has saved, also forgotten ones."""
    rows = await conn.fetch(_MEMORIES_BY_AUTHOR, space_id, session_id, author)
    return [row["memory_id"] for row in rows]


async def restore(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], session_id: str | None
) -> ChangeCounts:
    """Restore memories that were forgotten in the last 30 days, by ids or by session."""
    which = (space_id, memory_ids, session_id, limits.UNDO_WINDOW_DAYS)
    restored = await conn.fetchval(_RESTORE_MEMORIES, *which)
    await mark_for_classification(conn, space_id, restored)
    await settle_superseded(conn, space_id, memory_ids, session_id)
    await count_days_again(conn, space_id, restored)
    return ChangeCounts(len(restored), await conn.fetchval(_COUNT_UNKNOWN, *which))


async def purge_expired(conn: Connection) -> int:
    """Delete memories forgotten over 30 days ago permanently, and answers to saves of that age.

    Returns how many memories were deleted. Works in batches, each committed by itself outside a
    transaction.
    """
    purged = 0
    while rows := await _purge_batch(conn):
        purged += len(rows)
        await delete_empty_sessions(conn, [(row["space_id"], row["session_id"]) for row in rows])
    while await conn.fetch(_PURGE_SAVES, limits.UNDO_WINDOW_DAYS, _PURGE_BATCH):
        pass
    return purged


async def _purge_batch(conn: Connection) -> Sequence[Mapping[str, Any]]:
    async with conn.transaction(), planning_restored(conn):
        return await conn.fetch(_PURGE_FORGOTTEN, limits.UNDO_WINDOW_DAYS, _PURGE_BATCH)


async def delete_empty_sessions(conn: Connection, sessions: Iterable[tuple[str, str]]) -> int:
    """Delete those of the given sessions that hold no memory; return their number.

    `sessions` are pairs of a space and a session. A save into one of them at the same time either
    prevents that or creates it again: the sessions are locked by a separate statement, so that the
    one that deletes sees what was saved before the lock. Raises StoreError.
    """
    which = tuple(zip(*set(sessions), strict=True)) or ((), ())
    async with conn.transaction():
        await conn.execute(_LOCK_SESSIONS, *which)
        tag = await conn.execute(_DELETE_EMPTY_SESSIONS, *which)
    return int(tag.rpartition(" ")[2])


async def _earlier_answer(database: Database, space_id: str, retry_key: str) -> Mapping[str, Any]:
    async with database.in_space(space_id) as conn:
        row = await conn.fetchrow(_FIND_SAVE, space_id, retry_key)
    if row is None:
        raise StoreUnavailableError(
            "the result of the earlier save was just deleted", hint="send the call again"
        )
    return row


def _memory(row: Mapping[str, Any]) -> Memory:
    return Memory(**{**row, "role": Role(row["role"])})

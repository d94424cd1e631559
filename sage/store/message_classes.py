"""The class of each memory, and the answers to questions."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.connection import Connection

_CLASS_AGAIN = query("class_again")
_COUNT_UNCLASSED = query("count_unclassed")
_FIND_DUE_CLASSES = query("find_due_classes")
_LIST_UNCLASSED_SPACES = query("list_unclassed_spaces")
_LOCK_REPLIES = query("lock_replies")
_PAGE_OF_UNCLASSED = query("page_of_unclassed")
_PASS_OVER_FORGOTTEN = query("pass_over_forgotten")
_READ_SESSION_PARTS = query("read_session_parts")
_STORE_CLASSES = query("store_classes")
_TRY_LOCK_CLASSING = query("try_lock_classing")
_WITHDRAW_REPLIES = query("withdraw_replies")

LAST_ARRIVAL = 2**63 - 1
"""The arrival of the next memory, later than all existing ones."""

_REACH = 16


@dataclass(frozen=True, slots=True)
class StoredClass:
    """The class of a memory, the version of the rules that produced it, and its answer.

    `reply_id` is for a question or request: the newest memory that answers it with substance, which
    is neither forgotten nor superseded. Without one it is unanswered. The version is 0 if the rules
    are to be applied again.
    """

    message_class: MessageClass
    rules_version: int
    reply_id: UUID | None = None


class SessionPosition(NamedTuple):
    """A position in a session."""

    created_at: datetime
    arrival: int = LAST_ARRIVAL


@dataclass(frozen=True, slots=True)
class SessionPart:
    """The part of a session after one position and up to another, which is included."""

    space_id: str
    session_id: str
    after: SessionPosition
    until: SessionPosition


@dataclass(frozen=True, slots=True)
class PlacedMemory:
    """A memory with its position in its session."""

    space_id: str
    session_id: str
    memory_id: UUID
    place: SessionPosition


@dataclass(frozen=True, slots=True)
class UnclassifiedPage:
    """The unclassified memories down to a position; newest first."""

    last: SessionPosition
    memories: Sequence[PlacedMemory]


class Side(IntEnum):
    """Where a message is: before a part of a session, within it, or after it."""

    BEFORE = -1
    WITHIN = 0
    AFTER = 1


@dataclass(frozen=True, slots=True)
class ClassifiableMessage:
    """A message of a session, with its class if it was classified before.

    `metadata` is empty except for messages of hooks and imports. A message that is not current is
    forgotten or superseded, and answers nothing.
    """

    memory_id: UUID
    role: Role
    content: str
    metadata: Mapping[str, object]
    place: SessionPosition
    side: Side = Side.WITHIN
    is_current: bool = True
    stored: StoredClass | None = None


@dataclass(frozen=True, slots=True)
class Reclassification:
    """The new class of a memory, and the one that was read."""

    space_id: str
    memory_id: UUID
    now: StoredClass
    before: StoredClass | None


async def read_session_parts(
    conn: Connection, parts: Sequence[SessionPart]
) -> list[list[ClassifiableMessage]]:
    """Read parts of sessions with some messages before and after each; return a list for each."""
    rows = await conn.fetch(
        _READ_SESSION_PARTS,
        [one.space_id for one in parts],
        [one.session_id for one in parts],
        [one.after.created_at for one in parts],
        [one.after.arrival for one in parts],
        [one.until.created_at for one in parts],
        [one.until.arrival for one in parts],
        _REACH,
    )
    found: list[list[ClassifiableMessage]] = [[] for _ in parts]
    for number, of_part in groupby(rows, key=itemgetter("number")):
        found[number - 1] = [_message(row) for row in of_part]
    return found


async def store_classes(conn: Connection, changes: Sequence[Reclassification]) -> None:
    """Store the classes of memories, except those that were classified since they were read.

    A memory that is ranked under its new class, and was not before, is queued to be embedded; one
    that is not ranked leaves the queue. A reply that was forgotten or superseded meanwhile is left
    out, and the rules are to be applied again to the memory that it answered.
    """
    if changes:
        changes = await _with_standing_replies(conn, changes)
        await conn.execute(
            _STORE_CLASSES,
            [one.space_id for one in changes],
            [one.memory_id for one in changes],
            [one.now.message_class.code for one in changes],
            [one.now.rules_version for one in changes],
            [one.now.reply_id for one in changes],
            [one.before and one.before.message_class.code for one in changes],
            [one.before and one.before.rules_version for one in changes],
            [one.before and one.before.reply_id for one in changes],
        )


async def _with_standing_replies(
    conn: Connection, changes: Sequence[Reclassification]
) -> Sequence[Reclassification]:
    """Lock the replies to be stored, and leave out those that are forgotten or superseded."""
    replies = {(one.space_id, one.now.reply_id) for one in changes if one.now.reply_id is not None}
    if not replies:
        return changes
    rows = await conn.fetch(_LOCK_REPLIES, *map(list, zip(*replies, strict=True)))
    gone = replies.difference((row["space_id"], row["memory_id"]) for row in rows)
    return [
        replace(one, now=replace(one.now, rules_version=0, reply_id=None))
        if (one.space_id, one.now.reply_id) in gone
        else one
        for one in changes
    ]


async def try_lock_classification(conn: Connection) -> bool:
    """Acquire the lock for classifying stored memories until the transaction of `conn` ends.

    Return whether no other process holds it.
    """
    return not (await conn.execute(_TRY_LOCK_CLASSING)).endswith(" 0")


async def count_unclassified(
    conn: Connection, rules_version: int, space_id: str | None = None
) -> int:
    """Count the memories, of a space or of all, not classified by rules of a version or later.

    Reads only the entries of those memories in an index.
    """
    return int(await conn.fetchval(_COUNT_UNCLASSED, rules_version, space_id))


async def list_unclassified_spaces(conn: Connection, rules_version: int) -> list[str]:
    """List the spaces with memories not classified by rules of a version or later, latest first."""
    return [row["space_id"] for row in await conn.fetch(_LIST_UNCLASSED_SPACES, rules_version)]


async def page_of_unclassified(
    conn: Connection, space_id: str, before: SessionPosition, rules_version: int, size: int
) -> UnclassifiedPage | None:
    """Read `size` memories of a space before a position; return those that are not classified.

    Forgotten ones are left out. None if there is no memory before the position.
    """
    rows = await conn.fetch(_PAGE_OF_UNCLASSED, space_id, *before, rules_version, size)
    if not rows:
        return None
    found = [_placed(space_id, row) for row in rows if not row["is_classed"]]
    return UnclassifiedPage(SessionPosition(rows[-1]["created_at"], rows[-1]["arrival"]), found)


async def find_due(conn: Connection, limit: int, space_id: str | None = None) -> list[PlacedMemory]:
    """Find at most `limit` memories, of a space or of all, to apply the rules to again."""
    rows = await conn.fetch(_FIND_DUE_CLASSES, limit, space_id)
    return [_placed(row["space_id"], row) for row in rows]


async def pass_over_forgotten(conn: Connection, space_id: str, rules_version: int) -> None:
    """Mark the forgotten memories of a space as classified; they are classified once restored."""
    await conn.execute(_PASS_OVER_FORGOTTEN, space_id, rules_version)


async def withdraw_replies(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> None:
    """Remove deleted memories as answers, so that the questions are classified again."""
    await conn.execute(_WITHDRAW_REPLIES, space_id, list(memory_ids))


async def mark_for_classification(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> None:
    """Mark memories that changed, and those that they answer, to be classified again.

    Call it after each statement that forgets, restores, supersedes or changes memories, in the same
    transaction: a separate statement sees what was classified while the first one waited.
    """
    if memory_ids:
        await conn.execute(_CLASS_AGAIN, space_id, list(memory_ids))


def _placed(space_id: str, row: Mapping[str, Any]) -> PlacedMemory:
    place = SessionPosition(row["created_at"], row["arrival"])
    return PlacedMemory(space_id, row["session_id"], row["memory_id"], place)


def _message(row: Mapping[str, Any]) -> ClassifiableMessage:
    return ClassifiableMessage(
        row["memory_id"],
        Role(row["role"]),
        row["content"],
        json.loads(row["metadata"] or "{}"),
        SessionPosition(row["created_at"], row["arrival"]),
        Side(row["side"]),
        row["is_current"],
        None if row["class"] is None else _stored(row),
    )


def _stored(row: Mapping[str, Any]) -> StoredClass:
    return StoredClass(MessageClass.of_code(row["class"]), row["rules_version"], row["reply_id"])

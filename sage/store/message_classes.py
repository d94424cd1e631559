"""What kind of message each memory is, and what answers a question (migration 26)."""

from __future__ import annotations

import json
from dataclasses import dataclass
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

    from sage.store.connection import Connection

_READ_CLASSES = query("read_classes")
_READ_SESSION_PARTS = query("read_session_parts")
_STORE_CLASSES = query("store_classes")

LAST_ARRIVAL = 2**63 - 1
"""The arrival of what arrives next, later than all that is there."""

_REACH = 16


@dataclass(frozen=True, slots=True)
class StoredClass:
    """The class of a memory, the version of the rules that gave it, and what answers it.

    `reply_id` is of a question or request: the newest memory that answers it with substance, which
    is neither forgotten nor superseded. Without one it is unanswered. The version is 0 where the
    rules are to be applied again.
    """

    message_class: MessageClass
    rules_version: int
    reply_id: UUID | None = None


class Place(NamedTuple):
    """A place in the order of a session."""

    created_at: datetime
    arrival: int = LAST_ARRIVAL


@dataclass(frozen=True, slots=True)
class SessionPart:
    """What a session holds after one place and up to another, this one included."""

    space_id: str
    session_id: str
    after: Place
    until: Place


class Side(IntEnum):
    """Where a message stands: before a part of a session, within it, or after it."""

    BEFORE = -1
    WITHIN = 0
    AFTER = 1


@dataclass(frozen=True, slots=True)
class ClassableMessage:
    """A message of a session, with what it was classed as before, if it was.

    `metadata` is empty but for what hooks and imports brought. What is not current is forgotten or
    superseded, and answers nothing.
    """

    memory_id: UUID
    role: Role
    content: str
    metadata: Mapping[str, object]
    place: Place
    side: Side = Side.WITHIN
    is_current: bool = True
    stored: StoredClass | None = None


@dataclass(frozen=True, slots=True)
class ClassChange:
    """What a memory is now classed as, and what it was read as."""

    space_id: str
    memory_id: UUID
    now: StoredClass
    before: StoredClass | None


async def read_classes(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, StoredClass]:
    """Read the classes of memories. Those that are missing count as statements."""
    rows = await conn.fetch(_READ_CLASSES, space_id, list(memory_ids))
    return {row["memory_id"]: _stored(row) for row in rows}


async def read_session_parts(
    conn: Connection, parts: Sequence[SessionPart]
) -> list[list[ClassableMessage]]:
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
    found: list[list[ClassableMessage]] = [[] for _ in parts]
    for number, of_part in groupby(rows, key=itemgetter("number")):
        found[number - 1] = [_message(row) for row in of_part]
    return found


async def store_classes(conn: Connection, changes: Sequence[ClassChange]) -> None:
    """Store the classes of memories, but of those that were classed since they were read.

    What is ranked by its new class, and was not before, is queued to be embedded; what is not
    ranked leaves the queue.
    """
    if changes:
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


def _message(row: Mapping[str, Any]) -> ClassableMessage:
    return ClassableMessage(
        row["memory_id"],
        Role(row["role"]),
        row["content"],
        json.loads(row["metadata"] or "{}"),
        Place(row["created_at"], row["arrival"]),
        Side(row["side"]),
        row["is_current"],
        None if row["class"] is None else _stored(row),
    )


def _stored(row: Mapping[str, Any]) -> StoredClass:
    return StoredClass(MessageClass.of_code(row["class"]), row["rules_version"], row["reply_id"])

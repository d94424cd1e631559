"""Export and import of many memories: read in the order of their sessions, and copied in."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sage.domain.embedded_extent import extent_of
from sage.domain.memories import Message, Role
from sage.domain.message_class import MessageClass
from sage.domain.transfer import TransferredMemory
from sage.store.foreign_keys import planned_once
from sage.store.message_classes import store_classes
from sage.store.named_sql import query
from sage.store.replacements import link_arrivals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.message_classes import Reclassification, StoredClass

_COUNT_EXPORTED = query("count_exported")
_EXPORT_PAGE = query("export_page")
_FIND_ARRIVED = query("find_arrived")
_FIND_IDS = query("find_ids")
_KEEP_ARRIVALS = query("keep_arrivals")
_READ_AS_OF_NOW = query("read_as_of_now")
_STAGE_ARRIVALS = query("stage_arrivals")

_PAGE = 1_000
_BEFORE_ALL = ("", "", datetime(1, 1, 1, tzinfo=UTC), 0)
_STAGE = "arriving_memories"
_COLUMNS = (
    *("position", "space_id", "memory_id", "session_id", "role"),
    *("name", "content", "created_at", "metadata", "lexemes"),
    *("author", "class", "rules_version", "reply_id", "extent"),
    *("confirmed_at", "confirmed_by"),
)


@dataclass(frozen=True, slots=True)
class ArrivingMemory:
    """A memory to be copied in. `lexemes` is the text of a tsvector.

    Without a class it counts as a statement until it is classified.
    """

    memory: TransferredMemory
    created_at: datetime
    lexemes: str
    classification: StoredClass | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """The memories at one moment: their number, and pages of them."""

    total: int
    pages: AsyncIterator[Sequence[TransferredMemory]]


@asynccontextmanager
async def open_export(
    database: Database,
    space_id: str | None,
    author: str | None = None,
    session_id: str | None = None,
) -> AsyncIterator[Export]:
    """Read a space, or all for None, as of one moment; forgotten memories are left out.

    With a session only that is read. For an author all their memories are read, also forgotten
    ones. Raises StoreError.
    """
    async with database.maintenance_connection() as conn, conn.transaction():
        await conn.execute(_READ_AS_OF_NOW)
        total = await conn.fetchval(_COUNT_EXPORTED, space_id, author, session_id)
        yield Export(total, _pages(conn, space_id, author, session_id))


async def known_among(
    conn: Connection, memories: Sequence[TransferredMemory]
) -> dict[tuple[str, UUID], TransferredMemory]:
    """Read those of the memories that exist already, as they are stored. Raises StoreError."""
    rows = await conn.fetch(
        _FIND_ARRIVED, [one.space_id for one in memories], [one.memory_id for one in memories]
    )
    return {(row["space_id"], row["memory_id"]): _memory(row) for row in rows}


async def known_ids(conn: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Return the ids that memories have, in any space, also forgotten ones. Raises StoreError."""
    return {row["memory_id"] for row in await conn.fetch(_FIND_IDS, [*ids])}


async def copy_memories(
    conn: Connection,
    arriving: Sequence[ArrivingMemory],
    import_id: UUID | None = None,
    source: str | None = None,
    changes: Sequence[Reclassification] = (),
) -> int:
    """Copy memories in, in order and all or none, and queue those to be embedded.

    Existing memories stay as they are except for `changes` of classes; returns the number of new
    ones. They belong to the import `import_id`, or come from another `source`. Raises StoreError.
    """
    async with conn.transaction():
        await conn.execute(_STAGE_ARRIVALS)
        rows = [_row(position, one) for position, one in enumerate(arriving)]
        await conn.copy(_STAGE, _COLUMNS, rows)
        async with planned_once(conn):
            added = int(await conn.fetchval(_KEEP_ARRIVALS, import_id, source))
        await store_classes(conn, changes)
        await link_arrivals(conn, [one.memory for one in arriving])
        return added


async def _pages(
    conn: Connection, space_id: str | None, author: str | None, session_id: str | None
) -> AsyncIterator[Sequence[TransferredMemory]]:
    place: tuple[object, ...] = _BEFORE_ALL
    while rows := await conn.fetch(_EXPORT_PAGE, *place, space_id, _PAGE, author, session_id):
        yield [_memory(row) for row in rows]
        last = rows[-1]
        place = (last["session_id"], last["space_id"], last["created_at"], last["arrival"])


def _memory(row: Mapping[str, Any]) -> TransferredMemory:
    return TransferredMemory(
        row["space"],
        row["memory_id"],
        row["session_id"],
        Message(Role(row["role"]), row["content"], row["name"], row["created_at"]),
        json.loads(row["metadata"]),
        tuple(row["replaces"]),
        row["author"],
        row["forgotten_at"],
        row["is_superseded"],
        row["confirmed_at"],
        row["confirmed_by"],
    )


def _row(position: int, one: ArrivingMemory) -> tuple[object, ...]:
    memory, message, classification = one.memory, one.memory.message, one.classification
    return (
        *(position, memory.space_id, memory.memory_id, memory.session_id, message.role.value),
        *(message.name, message.content, one.created_at, json.dumps(memory.metadata), one.lexemes),
        memory.author,
        *(
            (0, 0, None)
            if classification is None
            else (
                classification.message_class.code,
                classification.rules_version,
                classification.reply_id,
            )
        ),
        extent_of(
            MessageClass.STATEMENT if classification is None else classification.message_class,
            *(message.role, message.content, memory.metadata),
        ),
        memory.confirmed_at,
        memory.confirmed_by if memory.confirmed_at else None,
    )

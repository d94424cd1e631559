"""Delete memories and all rows that refer to them, in tables listed from the catalog."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from sage.store.foreign_keys import planned_once
from sage.store.memories import delete_empty_sessions
from sage.store.message_classes import withdraw_replies
from sage.store.named_sql import query
from sage.store.replacements import settle_superseded
from sage.store.session_days import count_sessions_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from sage.store.connections.connection import Connection

_ERASABLE_TABLES = query("erasable_tables")
_REPLACED_BY = query("replaced_by")
_MEMORIES = "memories"


@dataclass(frozen=True, slots=True)
class ErasableTable:
    """A table and the statements that delete from it, each of which returns the number of rows.

    The arguments of `of_space` are a space and a maximum of rows, of `of_session` a space and a
    session, of `of_memories` a space and ids of memories.
    """

    name: str
    refers_to: Sequence[str]
    of_space: str
    of_session: str | None
    of_memories: str | None


async def read_catalog(conn: Connection) -> list[ErasableTable]:
    """Return all tables with rows of spaces, each before those it refers to. Raises StoreError."""
    tables = {row["name"]: ErasableTable(**row) for row in await conn.fetch(_ERASABLE_TABLES)}
    order = TopologicalSorter(
        {name: tables.keys() & set(table.refers_to) for name, table in tables.items()}
    )
    return [tables[name] for name in reversed([*order.static_order()])]


def dependent_tables(tables: Sequence[ErasableTable]) -> list[ErasableTable]:
    """Return the table of memories, after those that cannot name one that does not exist."""
    names = {_MEMORIES}
    for table in reversed(tables):
        if names & set(table.refers_to):
            names.add(table.name)
    return [table for table in tables if table.name in names]


async def delete_rows(
    conn: Connection, tables: Sequence[ErasableTable], space_id: str, memory_ids: Sequence[UUID]
) -> Counter[str]:
    """Delete the rows of some tables that name any of the memories; return how many of each.

    Raises StoreError.
    """
    erased: Counter[str] = Counter()
    async with planned_once(conn):
        for table in tables:
            if table.of_memories is not None:
                erased[table.name] += await conn.fetchval(table.of_memories, space_id, memory_ids)
    return erased


async def delete_memories(
    conn: Connection,
    tables: Sequence[ErasableTable],
    space_id: str,
    chosen: Sequence[Mapping[str, Any]],
) -> Counter[str]:
    """Delete chosen memories of a space, and sessions that are empty then.

    Memories that only they replaced are valid again, and questions that they answered are
    unanswered. Returns the number of deleted rows of each table. Raises StoreError.
    """
    ids = [row["memory_id"] for row in chosen]
    replaced = [row["replaced_id"] for row in await conn.fetch(_REPLACED_BY, space_id, ids)]
    await withdraw_replies(conn, space_id, ids)
    erased = await delete_rows(conn, tables, space_id, ids)
    sessions = {row["session_id"] for row in chosen}
    erased["sessions"] += await delete_empty_sessions(conn, ((space_id, one) for one in sessions))
    erased["session_days"] += await count_sessions_again(conn, space_id, sessions)
    if replaced:
        await settle_superseded(conn, space_id, replaced)
    return erased

"""Which tables hold what belongs to a space: the database itself says so."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.store.connections.connection import Connection

_ERASABLE_TABLES = query("erasable_tables")


@dataclass(frozen=True, slots=True)
class ErasableTable:
    """A table and the statements that delete from it, each of which counts what it deleted.

    `of_space` takes a space and how many rows at most, `of_session` a space and a session,
    `of_memories` a space and ids of memories.
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

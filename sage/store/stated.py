"""The statements in memories, stored with their words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Role
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.domain.recall import Stated
    from sage.store.connections.connection import Connection

_ADD_STATED = query("add_stated")
_READ_SAID = query("read_said")


class StatementSource(NamedTuple):
    """The text of a memory, and the side that said it."""

    memory_id: UUID
    role: Role
    content: str


async def read_memory_texts(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], max_chars: int
) -> list[StatementSource]:
    """Read the texts of memories of a space, except longer ones. Raises StoreError."""
    rows = await conn.fetch(_READ_SAID, space_id, memory_ids, max_chars)
    return [StatementSource(row["memory_id"], Role(row["role"]), row["content"]) for row in rows]


async def add_stated(
    conn: Connection, space_id: str, stated: Mapping[UUID, Sequence[Stated]]
) -> None:
    """Add the statements in memories to their words, unless they are there. Raises StoreError."""
    in_order = sorted(stated.items())
    await conn.execute(
        _ADD_STATED,
        space_id,
        [memory_id for memory_id, _ in in_order],
        [" ".join(f"'{key}':1A" for key in keys) for _, keys in in_order],
        [" & ".join(f"'{key}'" for key in keys) for _, keys in in_order],
    )

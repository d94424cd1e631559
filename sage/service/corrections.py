"""Reads the corrections of memories that are shown without a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.replies import read_exchanges

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.memories import Memory
    from sage.store.connections.connection import Connection


async def corrections_of(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, Memory]:
    """Read the corrections of memories; those without one are missing. Raises StoreError."""
    if not memory_ids:
        return {}
    memories, replies = await read_exchanges(conn, space_id, memory_ids)
    wanted = {one: replies[one] for one in memory_ids if one in replies}
    return {
        one: memories[reply.reply_id]
        for one, reply in wanted.items()
        if not reply.asks and reply.reply_id in memories
    }

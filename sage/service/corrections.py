"""Reads what puts memories right that are told without having been searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.replies import read_replies
from sage.store.search import read_hits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.memories import Memory
    from sage.store.connections.connection import Connection


async def corrections_of(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, Memory]:
    """Read what puts some memories right; what nothing does is missing. Raises StoreError."""
    if not memory_ids:
        return {}
    stored = await read_replies(conn, space_id, memory_ids)
    wanted = {one: stored[one].reply_id for one in memory_ids if one in stored}
    wanted = {one: by for one, by in wanted.items() if not stored[one].asks}
    by_id = await read_hits(conn, space_id, [*wanted.values()]) if wanted else {}
    return {one: by_id[by] for one, by in wanted.items() if by in by_id}

"""What was said about a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.memories import Memory, Role
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connection import Connection

_RECENT = query("recent_of_project")


async def recent_of_project(
    conn: Connection, space_id: str, project: str, session_id: str, limit: int
) -> list[Memory]:
    """Read the newest memories of a project, without those of one session. Raises StoreError."""
    rows = await conn.fetch(_RECENT, space_id, {"project": project}, session_id, limit)
    return [Memory(**{**row, "role": Role(row["role"])}) for row in rows]

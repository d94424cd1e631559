"""What was said about a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sage.domain.memories import Memory, Role
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.store.connection import Connection

_RECENT = query("recent_of_project")
_SHORT_MATCHES = query("short_matches_of_project")


async def recent_of_project(
    conn: Connection, space_id: str, project: str, session_ids: Sequence[str], limit: int
) -> list[Memory]:
    """Read the newest memories of a project, without those of some sessions. Raises StoreError."""
    rows = await conn.fetch(_RECENT, space_id, {"project": project}, session_ids, limit)
    return [*map(_memory, rows)]


async def short_matches_of_project(  # noqa: PLR0913 - whose memories, and which of them
    conn: Connection,
    *,
    space_id: str,
    project: str,
    session_ids: Sequence[str],
    tsquery: str,
    limit: int,
) -> list[Memory]:
    """Read the newest short messages of users that match a literal of a tsquery.

    They are of the project or of none, and not of some sessions. Raises StoreError.
    """
    rows = await conn.fetch(_SHORT_MATCHES, space_id, project, session_ids, tsquery, limit)
    return [*map(_memory, rows)]


def _memory(row: Mapping[str, Any]) -> Memory:
    return Memory(**{**row, "role": Role(row["role"])})

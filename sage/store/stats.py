"""What the database holds, and whether it keeps its promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from datetime import datetime

    from sage.store.connection import Connection

_COUNT_MEMORIES = query("count_memories")
_DURABILITY_SETTINGS = query("durability_settings")
_PING = query("ping")
_SPACE_STATS = query("space_stats")


@dataclass(frozen=True, slots=True)
class SpaceStats:
    """What a space holds. `storage_bytes` is the size of the whole database."""

    memories: int
    sessions: int
    first_at: datetime | None
    last_at: datetime | None
    storage_bytes: int


async def ping(conn: Connection) -> None:
    """Prove that the database answers. Raises StoreError."""
    await conn.fetchval(_PING)


async def memory_count(conn: Connection) -> int:
    """Count the memories of all spaces that are not forgotten, exactly.

    Reads an index only: about a tenth of a second at a million memories. Who asks often keeps the
    answer for some seconds.
    """
    return int(await conn.fetchval(_COUNT_MEMORIES))


async def space_stats(conn: Connection, space_id: str) -> SpaceStats:
    """Sum up what a space holds; what is forgotten does not count."""
    row = await conn.fetchrow(_SPACE_STATS, space_id)
    return SpaceStats(0, 0, None, None, 0) if row is None else SpaceStats(**row)


async def durability_problems(conn: Connection) -> list[str]:
    """Name each setting under which an answered save could be lost in a crash; empty is well.

    Source: PostgreSQL documentation, Write Ahead Log settings.
    """
    return [
        f"{row['name']} is off: a crash can lose or damage memories"
        for row in await conn.fetch(_DURABILITY_SETTINGS)
        if row["setting"] == "off"
    ]

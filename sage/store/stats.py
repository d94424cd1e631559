"""The contents of the database, and whether its settings and files are safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.memories import MemoryStats
from sage.errors import StoreError
from sage.phrases import phrase
from sage.store.message_classes import count_unclassified
from sage.store.named_sql import query
from sage.store.queue import queue_stats
from sage.store.vector_indexes import read_index_build

if TYPE_CHECKING:
    from datetime import datetime

    from sage.store.connections.connection import Connection

_CHECKSUM_FAILURES = query("checksum_failures")
_COUNT_MEMORIES = query("count_or_estimate_memories")
_DATABASE_SIZE = query("database_size")
_DURABILITY_SETTINGS = query("durability_settings")
_PING = query("ping")
_SPACE_STATS = query("space_stats")

_MAX_COUNTED = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Damage:
    """How often reading a page failed because of a wrong checksum, and the last time."""

    reads: int
    last_at: datetime | None


async def ping(conn: Connection) -> None:
    """Check that the database answers. Raises StoreError."""
    await conn.fetchval(_PING)


async def memory_count(conn: Connection) -> int:
    """Count the memories of all spaces that are not forgotten, exactly up to a million.

    Reads an index only: about a tenth of a second at a million memories. Frequent callers cache the
    number for some seconds. Above a million it is the planner's estimate, with an error of up to a
    tenth.
    """
    return int(await conn.fetchval(_COUNT_MEMORIES, _MAX_COUNTED))


async def database_size(conn: Connection) -> int:
    """Return the size of the whole database in bytes."""
    return int(await conn.fetchval(_DATABASE_SIZE))


async def read_damage(conn: Connection) -> Damage | None:
    """Return the damage that PostgreSQL has detected; None if pages have no checksums.

    A page is checked only when it is read, by any process.
    """
    row = await conn.fetchrow(_CHECKSUM_FAILURES)
    return None if row is None else Damage(**row)


async def memory_stats(
    conn: Connection, space_id: str, embedding_model: str, rules_version: int
) -> MemoryStats:
    """Count the memories of a space, and those that wait for vectors of a model or a class.

    Forgotten memories are not counted.
    """
    row = await conn.fetchrow(_SPACE_STATS, space_id)
    if row is None:
        raise StoreError("the database returned no statistics")
    return MemoryStats(
        **row,
        embedding_model=embedding_model,
        queue=await queue_stats(conn, space_id),
        unclassed=await count_unclassified(conn, rules_version, space_id),
        index_build=await read_index_build(conn, space_id),
    )


async def durability_problems(conn: Connection) -> list[str]:
    """Return the settings with which an acknowledged save could be lost in a crash; empty is good.

    Source: PostgreSQL documentation, Write Ahead Log settings.
    """
    return [
        phrase("{setting} is off: a crash can lose or damage memories", setting=row["name"])
        for row in await conn.fetch(_DURABILITY_SETTINGS)
        if row["setting"] == "off"
    ]

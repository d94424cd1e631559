"""Large spaces that nobody uses: their indexes are dropped until they are used again.

A vector index takes as much disk space as the vectors, and one of many slows each save and each
plan a little. A space without one is still searched, by words and by reading its vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Collection

    from sage.store.connections.pool import Database

IDLE_DAYS = 30
"""A space without a search and a save for this many days is idle."""

_NOTE_LARGE = query("note_large_spaces")
_NOTE_SEARCHED = query("note_searched_spaces")
_LIST_IDLE = query("list_idle_spaces")
_LIST_INDEXES = query("list_vector_indexes_of")


async def note_spaces(
    database: Database, large: Collection[str], searched: Collection[str]
) -> frozenset[str]:
    """Record which spaces are large and which of these were just searched.

    Return those that had not been searched for a day. Raises StoreError.
    """
    async with database.across_spaces() as conn:
        await conn.execute(_NOTE_LARGE, list(large))
        rows = await conn.fetch(_NOTE_SEARCHED, list(searched)) if searched else ()
    return frozenset(row["space_id"] for row in rows)


async def list_idle_spaces(database: Database) -> frozenset[str]:
    """Return the large spaces that were neither searched nor saved into for a month.

    Raises StoreError.
    """
    async with database.across_spaces() as conn:
        rows = await conn.fetch(_LIST_IDLE, IDLE_DAYS)
    return frozenset(row["space_id"] for row in rows)


async def drop_indexes_of(database: Database, spaces: Collection[str]) -> int:
    """Drop the vector indexes of some spaces; return how many there were. Raises StoreError.

    Searches and saves are not blocked.
    """
    async with database.across_spaces() as conn:
        rows = await conn.fetch(_LIST_INDEXES, list(spaces))
    if rows:
        async with database.maintenance_connection() as conn:
            for row in rows:
                await conn.execute(row["statement"])
    return len(rows)

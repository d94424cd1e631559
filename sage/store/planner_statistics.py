"""Collect statistics for the planner of PostgreSQL, once the tables of a search have grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.pool import Database

_OUTDATED_ANALYSES = query("outdated_analyses")


async def refresh_planner_statistics(database: Database) -> None:
    """Analyze the tables of a search that grew by a quarter since then. Raises StoreError.

    Autovacuum does it within a minute, in which the plans of searches are those of an empty table.
    """
    async with database.across_spaces() as conn:
        for row in await conn.fetch(_OUTDATED_ANALYSES):
            await conn.execute(row["statement"])

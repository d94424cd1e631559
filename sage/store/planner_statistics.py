"""Update the statistics of the PostgreSQL planner when the tables of a search have grown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.pool import Database

_OUTDATED_ANALYSES = query("outdated_analyses")


async def refresh_planner_statistics(database: Database) -> None:
    """Analyze the tables of a search that grew by a quarter since the last time. Raises StoreError.

    Autovacuum does so only within a minute, in which searches are planned as for an empty table.
    """
    async with database.across_spaces() as conn:
        for row in await conn.fetch(_OUTDATED_ANALYSES):
            await conn.execute(row["statement"])

"""What a search must know of the database before it asks: kept for a minute, read once for all."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.store.search import read_statistics
from sage.store.vector_indexes import read_vector_indexes

if TYPE_CHECKING:
    from sage.domain.candidates import PlannerStatistics
    from sage.store.connections.pool import Database
    from sage.store.vector_indexes import VectorIndexes

_KEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class SearchStatistics:
    """The planner's statistics and the vector indexes, as they were a minute ago at most."""

    statistics: PlannerStatistics
    indexes: VectorIndexes


class StatisticsCache:
    """Reads what searches are planned by, for any number of them at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = asyncio.Lock()
        self._known: SearchStatistics | None = None
        self._known_at = 0.0

    async def statistics(self) -> SearchStatistics:
        """Return what is known, read anew when it is older than a minute. Raises StoreError."""
        known = self._fresh()
        if known is None:
            async with self._reading:
                known = self._fresh() or await self._read()
        return known

    def _fresh(self) -> SearchStatistics | None:
        is_old = time.monotonic() - self._known_at > _KEPT_S
        return None if is_old else self._known

    async def _read(self) -> SearchStatistics:
        async with self._database.across_spaces() as conn:
            known = SearchStatistics(await read_statistics(conn), await read_vector_indexes(conn))
        self._known, self._known_at = known, time.monotonic()
        return known

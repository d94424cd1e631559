"""Caches of searches for a space: its statistics, and whether it has another language."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sage.errors import StoreError
from sage.store.search import read_statistics
from sage.store.vector_indexes import read_vector_indexes

if TYPE_CHECKING:
    from sage.domain.candidates import PlannerStatistics
    from sage.store.connections.pool import Database
    from sage.store.vector_indexes import VectorIndexes

_KEPT_S = 60.0
_READ_WITHIN_S = 2.0
_READ_AGAIN_S = 10.0
"""Later than a read that failed: one server of several may not answer."""
_KEPT_WITHOUT_S = 1.0
"""A language that is new in a space is found this much later: a look-up takes two statements, which
run while the question is embedded."""
_MAX_PLACES = 10_000

SpacePlace: TypeAlias = tuple[str, int, int]
"""A space, the id of a model, the language of the question."""


@dataclass(frozen=True, slots=True)
class SearchStatistics:
    """The planner's statistics and the vector indexes, at most a minute old."""

    statistics: PlannerStatistics
    indexes: VectorIndexes


class StatisticsCache:
    """Caches the statistics by which searches are planned; concurrent searches read them once."""

    def __init__(self, database: Database) -> None:
        self._database = database.for_background()
        self._reading = asyncio.Lock()
        self._known: SearchStatistics | None = None
        self._known_at = 0.0

    async def statistics(self) -> SearchStatistics:
        """Return the statistics, read again when older than a minute. Raises StoreError."""
        known = self._fresh()
        if known is None:
            async with self._reading:
                known = self._fresh() or await self._read()
        return known

    def _fresh(self) -> SearchStatistics | None:
        is_old = time.monotonic() - self._known_at > _KEPT_S
        return None if is_old else self._known

    async def _read(self) -> SearchStatistics:
        """Read them; where they cannot be read now, those of before are kept for a while.

        They cannot while a server of a cluster is away, except that there were none before.
        """
        if self._known is not None and self._database.absent_nodes:
            return self._kept_for_now(self._known)
        try:
            async with asyncio.timeout(_READ_WITHIN_S if self._known else None):
                known = await self._read_now()
        except (StoreError, TimeoutError):
            if self._known is None:
                raise
            return self._kept_for_now(self._known)
        self._known, self._known_at = known, time.monotonic()
        return known

    def _kept_for_now(self, known: SearchStatistics) -> SearchStatistics:
        self._known_at = time.monotonic() - _KEPT_S + _READ_AGAIN_S
        return known

    async def _read_now(self) -> SearchStatistics:
        async with self._database.across_spaces() as conn:
            return SearchStatistics(await read_statistics(conn), await read_vector_indexes(conn))


class LanguageCache:
    """Caches which spaces hold memories in another language than that of a question.

    It does so for a minute, and for a second if there is no other language.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[SpacePlace, tuple[bool, float]] = OrderedDict()

    def holds_other(self, place: SpacePlace) -> bool | None:
        """Return whether there was another language, None if it has to be looked up."""
        holds, until = self._kept.get(place, (False, 0.0))
        return holds if time.monotonic() < until else None

    def keep(self, place: SpacePlace, *, holds_other: bool) -> None:
        """Store the result of a look-up."""
        kept_s = _KEPT_S if holds_other else _KEPT_WITHOUT_S
        self._kept[place] = (holds_other, time.monotonic() + kept_s)
        self._kept.move_to_end(place)
        if len(self._kept) > _MAX_PLACES:
            self._kept.popitem(last=False)

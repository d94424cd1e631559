"""Reads of a search that may take too long: bounded, and not repeated soon if they did."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from sage.domain.searching import Degradation
from sage.domain.skipped_parts import VECTORS, WORDS
from sage.errors import StoreUnavailableError
from sage.phrases import phrase
from sage.store.failures import took_too_long

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.service.search.query import SearchQuery
    from sage.store.connections.connection import Connection

_COMPARE_DEADLINE_S = 4.0
_WORDS_DEADLINE_S = 3.0
_KEPT_S = 30.0

_Place: TypeAlias = tuple[str, str, int]
T = TypeVar("T")


class SlowReads:
    """Remembers for half a minute which reads of which space take too long.

    Searches skip them for that time, so that not each one waits in vain.
    """

    def __init__(self) -> None:
        self._until: dict[_Place, float] = {}

    async def of_vectors(
        self, conn: Connection, asked: SearchQuery, read: Callable[[], Awaitable[T]]
    ) -> T | None:
        """Read the nearest vectors; None if that takes too long, or did a moment ago."""
        return await self._bounded(conn, asked, VECTORS, _COMPARE_DEADLINE_S, read)

    async def of_words(
        self, conn: Connection, asked: SearchQuery, read: Callable[[], Awaitable[T]]
    ) -> T | None:
        """Read by words; None if that takes too long, or did a moment ago.

        In a space that is not large no read does, and the two messages to set a bound are saved.
        """
        if not asked.statistics.statistics.is_large(asked.request.space_id):
            return await read()
        return await self._bounded(conn, asked, WORDS, _WORDS_DEADLINE_S, read)

    async def _bounded(
        self,
        conn: Connection,
        asked: SearchQuery,
        part: str,
        limit_s: float,
        read: Callable[[], Awaitable[T]],
    ) -> T | None:
        place = (asked.request.space_id, part, asked.handle.model_id)
        if time.monotonic() < self._until.get(place, 0.0):
            return None
        try:
            async with conn.reading_within(limit_s):
                return await read()
        except StoreUnavailableError as error:
            if not took_too_long(error):
                raise
        now = time.monotonic()
        self._until = {one: until for one, until in self._until.items() if now < until}
        self._until[place] = now + _KEPT_S
        return None


def vectors_skipped(asked: SearchQuery) -> Degradation:
    """Return the message that the vectors of a space took too long to compare."""
    space_id, model_id = asked.request.space_id, asked.handle.model_id
    is_indexed = asked.statistics.indexes.cover(space_id, model_id)
    reason = phrase(
        "comparing the vectors of the space takes over {seconds} s"
        if is_indexed
        else "comparing the vectors of the space, which has no index yet, takes over {seconds} s",
        seconds=f"{_COMPARE_DEADLINE_S:g}",
    )
    return Degradation(VECTORS, reason)


def words_skipped() -> Degradation:
    """Return the message that the words of a question took too long to look up."""
    reason = phrase(
        "looking up the words of the question takes over {seconds} s",
        seconds=f"{_WORDS_DEADLINE_S:g}",
    )
    return Degradation(WORDS, reason)

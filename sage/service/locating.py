"""Locates a memory in a search: why it was found, or was not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sage.domain.locating import Located, Verdict
from sage.domain.message_class import UNINFORMATIVE, UNRANKED
from sage.domain.searching import MAX_CANDIDATES, Filters, SearchRequest
from sage.errors import NotFoundError
from sage.retrieval.answers.replies import hit_identity
from sage.retrieval.query.same_questions import asks_for_questions
from sage.retrieval.text.words import normalized, terms_in
from sage.store.locating import passes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.config.settings import SearchSettings
    from sage.domain.locating import LocateRequest
    from sage.domain.reading import MemoryDetails
    from sage.domain.searching import Hit, SearchResult
    from sage.service.memory import MemoryService
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_SAID = 10
"""The number of hits that are searched for the words of a text."""
_ALL = Filters(include_superseded=True, include_questions=True)


@dataclass(frozen=True, slots=True)
class _LocatedMemory:
    space_id: str
    memory: MemoryDetails


class LocatingService:
    """Locates memories in searches of one database; `defaults` are those of its searches."""

    def __init__(self, memory: MemoryService, database: Database, defaults: SearchSettings) -> None:
        self._memory = memory
        self._database = database
        self._defaults = defaults

    async def locate(self, request: LocateRequest) -> Located:
        """Return the rank of a memory in a search; readers of its space may see all about it.

        Raises InvalidInputError if a part of an id matches several, StoreError.
        """
        target = await self._target(request)
        if target is None:
            return Located(Verdict.UNKNOWN)
        memory, search = target.memory, request.search
        known = Located(Verdict.FOUND, embedded=memory.embedded, memory=memory)
        if memory.forgotten_at is not None:
            return Located(Verdict.FORGOTTEN, forgotten_at=memory.forgotten_at)
        if memory.superseded_at is not None and not search.filters.include_superseded:
            known = replace(known, superseded_by=memory.superseded_by)
            return replace(known, verdict=Verdict.SUPERSEDED)
        if memory.kind in UNINFORMATIVE:
            known = replace(known, kind=memory.kind)
        async with self._database.in_space(target.space_id) as conn:
            filtered_by = await self._filtered_by(conn, target, search)
            is_ranked = await passes(conn, target.space_id, memory.memory_id, _ALL, but=UNRANKED)
        if filtered_by:
            return replace(known, verdict=Verdict.FILTERED, filtered_by=filtered_by)
        if not is_ranked:
            return replace(known, verdict=Verdict.NOT_A_CANDIDATE)
        return await self._placed(known, memory, search)

    async def _target(self, request: LocateRequest) -> _LocatedMemory | None:
        """Find the requested memory, in any of the spaces that are searched."""
        search, memory_ids = request.search, request.memory_ids
        spaces = {name: space_id for space_id, name in search.spaces.items()}
        held_by: list[str] = [*search.spaces] or [search.space_id]
        if request.text is not None:
            hit = await self._best_holding(request.text, search)
            if hit is None:
                return None
            memory_ids = (hit.memory_id,)
            held_by = [spaces.get(hit.space or "", search.space_id)]
        for space_id in held_by:
            try:
                memory = await self._memory.read_details(
                    space_id, memory_ids, request.short_ids, include_forgotten=True
                )
            except NotFoundError:
                continue
            return _LocatedMemory(space_id, memory.seen_by(search.reader))
        return None

    async def _best_holding(self, text: str, search: SearchRequest) -> Hit | None:
        """Find the best hit that contains a text, else the best that contains all of its words."""
        asked = replace(
            search,
            query=text,
            n=_SAID,
            min_relevance=None,
            similarity_threshold=0.0,
            filters=_ALL,
            locates=None,
        )
        hits = (await self._memory.found(asked)).hits
        folded, terms = _folded(text), terms_in(text)
        whole = (hit for hit in hits if folded in _folded(hit.content))
        words = (hit for hit in hits if terms and terms <= terms_in(hit.content))
        return next(whole, None) or next(words, None)

    async def _filtered_by(
        self, conn: Connection, target: _LocatedMemory, search: SearchRequest
    ) -> tuple[str, ...]:
        """Return the name of each argument that excludes the memory from a search."""
        filters, memory_id = search.filters, target.memory.memory_id
        is_passed = partial(passes, conn, target.space_id, memory_id)
        given = {name: getattr(filters, name) for name in _ARGUMENTS}
        names = [
            name
            for name, value in given.items()
            if value not in (None, {}) and not await is_passed(replace(_ALL, **{name: value}))
        ]
        if self._defaults.max_age_days is not None:
            oldest = datetime.now(UTC) - timedelta(days=self._defaults.max_age_days)
            names += ["max_age_days"] * (not await is_passed(_ALL, oldest=oldest))
        if not (filters.lets_in_questions or asks_for_questions(search.query)):
            names += ["include_questions"] * (not await is_passed(_ALL, but=_ASKING))
        return tuple(names)

    async def _placed(
        self, known: Located, memory: MemoryDetails, search: SearchRequest
    ) -> Located:
        """Search as requested, then among all candidates, and return the rank of the memory."""
        asked = await self._memory.found(replace(search, explain=True))
        every = await self._memory.found(
            replace(
                search,
                explain=True,
                n=MAX_CANDIDATES,
                min_relevance=None,
                similarity_threshold=0.0,
                locates=memory.memory_id,
            )
        )
        known = replace(
            known,
            relevance=every.relevance,
            of=len(every.hits),
            found_by=every.found_by,
            degraded=every.degraded,
            first=_first(every),
        )
        is_hit = any(hit.memory_id == memory.memory_id for hit in every.hits)
        at = _place_of(memory, asked.hits, by_its_answer=not is_hit)
        if at is not None:
            return _of_hit(known, memory, asked.hits, at)
        at = _place_of(memory, every.hits)
        if at is None:
            verdict = Verdict.FILTERED if every.found_by else Verdict.NOT_A_CANDIDATE
            by = ("include_questions",) if every.found_by else ()
            return replace(known, verdict=verdict, filtered_by=by)
        known = _of_hit(known, memory, every.hits, at)
        if not every.found_by and known.shown_as is None:
            return replace(known, verdict=Verdict.NOT_A_CANDIDATE)
        if at < search.n and len(asked.hits) < min(search.n, len(every.hits)):
            is_emptied = search.min_relevance is not None and not asked.fits
            by = ("min_relevance",) if is_emptied else ("similarity_threshold",)
            return replace(known, verdict=Verdict.FILTERED, filtered_by=by)
        return replace(known, verdict=Verdict.BELOW, place=max(at, search.n) + 1)


_ARGUMENTS = ("session_id", "role", "after", "before", "metadata", "project", "author", "trust")
_ASKING = tuple(kind for kind in UNINFORMATIVE if kind.asks)


def _place_of(
    memory: MemoryDetails, hits: Sequence[Hit], *, by_its_answer: bool = True
) -> int | None:
    """Return the index of the hit that is a memory, or that shows it; None if there is none.

    The answer to a memory shows it if the memory is not a hit itself.
    """
    said = hit_identity(memory)

    def shows(hit: Hit) -> bool:
        later = (one.memory_id for one in (hit.reply, hit.correction) if one is not None)
        is_said = memory.memory_id in later or hit_identity(hit) == said
        return is_said or (by_its_answer and hit.memory_id == memory.reply_id)

    itself = (at for at, hit in enumerate(hits) if hit.memory_id == memory.memory_id)
    others = (at for at, hit in enumerate(hits) if shows(hit))
    return next(itself, next(others, None))


def _of_hit(known: Located, memory: MemoryDetails, hits: Sequence[Hit], at: int) -> Located:
    hit = hits[at].rounded(explain=True)
    return replace(
        known,
        place=at + 1,
        probability=hit.probability,
        score=hit.score,
        signals=hit.signals,
        contributions=hit.contributions,
        shown_as=None if hit.memory_id == memory.memory_id else hit.memory_id,
    )


def _first(found: SearchResult) -> dict[str, float]:
    return next((dict(hit.rounded(explain=True).contributions) for hit in found.hits), {})


def _folded(text: str) -> str:
    return " ".join(normalized(text).lower().split())

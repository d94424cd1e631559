"""From a question to ranked memories."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.searching import Degradation, Hit, SearchAnswer
from sage.errors import ProviderError
from sage.retrieval.fusion import smoothed, standard_scores, weighted_sum
from sage.retrieval.lexemes import query_of
from sage.store.search import lexical_candidates, read_candidates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.embedding import Embedder, Vectors
    from sage.domain.searching import SearchRequest
    from sage.retrieval.lexemes import LexicalQuery
    from sage.store.pool import Database
    from sage.store.search import Candidate

_CANDIDATES_PER_LEG = 100
_EMBED_DEADLINE_S = 5.0
_WEIGHTS = {"meaning": 0.4, "words": 0.6}
_SMOOTHING = 0.15


class SearchPipeline:
    """Searches one database with one embedder. Safe to call from many tasks at once."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def search(self, request: SearchRequest, model_id: int) -> SearchAnswer:
        """Rank the memories of a space for a question; `model_id` names the embedder's vectors.

        Without the embedder words alone decide, and the answer says so. Raises StoreError.
        """
        query = query_of(request.query)
        (vector, degraded), found = await asyncio.gather(
            self._embed(request.query), self._find_by_words(request, query)
        )
        async with self._database.connection() as conn:
            candidates = await read_candidates(
                conn,
                space_id=request.space_id,
                model_id=model_id,
                vector=vector,
                terms=query.tsqueries,
                filters=request.filters,
                limit=_CANDIDATES_PER_LEG,
                found=found,
            )
        hits = _ranked(candidates)
        threshold = request.similarity_threshold or 0.0
        kept = [hit for hit in hits if hit.score >= threshold]
        return SearchAnswer(tuple(kept[: request.n]), degraded)

    async def _embed(self, text: str) -> tuple[Vectors | None, tuple[Degradation, ...]]:
        try:
            async with asyncio.timeout(_EMBED_DEADLINE_S):
                return await self._embedder.embed_query(text), ()
        except TimeoutError:
            reason = f"no vector came within {_EMBED_DEADLINE_S:.0f} s"
        except ProviderError as error:
            reason = error.message
        return None, (Degradation("embedding", reason),)

    async def _find_by_words(self, request: SearchRequest, query: LexicalQuery) -> list[UUID]:
        if not query.terms:
            return []
        async with self._database.connection() as conn:
            return await lexical_candidates(
                conn, request.space_id, query.tsquery, request.filters, _CANDIDATES_PER_LEG
            )


def _ranked(rows: Sequence[Candidate]) -> list[Hit]:
    """Score what was read; neighbours take part in the smoothing, but are no hits themselves."""
    if not rows:
        return []
    signals = {
        "meaning": np.array([np.nan if row.cosine is None else row.cosine for row in rows]),
        "words": np.array([sum(row.term_ranks) for row in rows]),
    }
    places = {row.memory.memory_id: place for place, row in enumerate(rows)}
    around = [
        [places[key] for side in (row.before or (), row.after or ()) for key in side[:1]]
        for row in rows
    ]
    standard = {name: standard_scores(values) for name, values in signals.items()}
    totals = smoothed(weighted_sum(standard, _WEIGHTS), around, _SMOOTHING)
    scores = 1 / (1 + np.exp(-totals))
    order = sorted(
        (place for place, row in enumerate(rows) if row.before is not None),
        key=lambda place: (-totals[place], places[rows[place].memory.memory_id]),
    )
    return [
        Hit(
            memory=rows[place].memory,
            score=float(scores[place]),
            signals={
                name: float(values[place])
                for name, values in signals.items()
                if not np.isnan(values[place])
            },
        )
        for place in order
    ]

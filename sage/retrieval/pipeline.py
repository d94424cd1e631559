"""From a question to ranked memories."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.domain.searching import Degradation, Hit, SearchAnswer
from sage.errors import ProviderError
from sage.retrieval.evidence import Evidence
from sage.retrieval.lexemes import query_of, tsquery_of
from sage.retrieval.names import FEWEST_CALLS, possible_names
from sage.retrieval.planning import Planner
from sage.retrieval.questions import understood
from sage.retrieval.ranking import ranked
from sage.retrieval.selectivity import selective_terms
from sage.store.search import (
    known_names,
    lexical_candidates,
    nearest_candidates,
    read_evidence,
    read_hits,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sage.domain.embedding import Embedder, Vectors, VectorSpace
    from sage.domain.searching import SearchRequest
    from sage.retrieval.planning import Planning
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked
    from sage.store.pool import Database

_CANDIDATES_PER_LEG = 100
_EMBED_DEADLINE_S = 5.0


class SearchPipeline:
    """Searches one database. Safe to call from many tasks at once."""

    def __init__(
        self,
        database: Database,
        *,
        embed_deadline_s: float = _EMBED_DEADLINE_S,
        ignored_signals: frozenset[str] = frozenset(),
    ) -> None:
        self._database = database
        self._embed_deadline_s = embed_deadline_s
        self._ignored_signals = ignored_signals
        self._planner = Planner(database)

    async def search(self, request: SearchRequest, vectors_of: VectorSpace) -> SearchAnswer:
        """Rank the memories of a space for a question by words, and by the vectors of one model.

        Hits scored under the request's `similarity_threshold` drop out. Without the embedder words
        alone decide, and the answer says so. Raises StoreError.
        """
        words = query_of(request.query)
        planning = await self._planner.planning()
        question = understood(request.query, words, await self._names_in(request))
        (vector, by_meaning, degraded), by_words = await asyncio.gather(
            self._find_by_meaning(request, question, vectors_of, planning),
            self._find_by_words(request, question, planning),
        )
        async with self._database.connection() as conn:
            found, vectors = await read_evidence(
                conn,
                space_id=request.space_id,
                candidates=list(dict.fromkeys(by_words + by_meaning)),
                tsquery=words.tsquery,
                terms=words.tsqueries,
                model_id=vectors_of.model_id,
                near=vector,
            )
        threshold = request.similarity_threshold or 0.0
        evidence = Evidence(found, len(words.terms), vectors, vector)
        ranks = ranked(evidence, question, request.n, self._ignored_signals)
        best = [hit for hit in ranks if hit.score >= threshold]
        return SearchAnswer(await self._read(best, request.space_id), degraded)

    async def _names_in(self, request: SearchRequest) -> frozenset[str]:
        guesses = possible_names(request.query)
        if not guesses:
            return frozenset()
        async with self._database.connection() as conn:
            return await known_names(conn, request.space_id, guesses, FEWEST_CALLS)

    async def _embed(
        self, topic: str, embedder: Embedder
    ) -> tuple[Vectors | None, tuple[Degradation, ...]]:
        try:
            async with asyncio.timeout(self._embed_deadline_s):
                return await embedder.embed_query(topic), ()
        except TimeoutError:
            reason = f"no vector came within {self._embed_deadline_s:g} s"
        except ProviderError as error:
            reason = error.message
        return None, (Degradation("embedding", reason),)

    async def _find_by_meaning(
        self,
        request: SearchRequest,
        question: Question,
        vectors_of: VectorSpace,
        planning: Planning,
    ) -> tuple[Vectors | None, list[UUID], tuple[Degradation, ...]]:
        vector, degraded = await self._embed(question.topic, vectors_of.embedder)
        if vector is None:
            return None, [], degraded
        async with self._database.connection() as conn:
            candidates = await nearest_candidates(
                conn,
                space_id=request.space_id,
                model_id=vectors_of.model_id,
                vector=vector,
                filters=request.filters,
                indexes=planning.indexes,
                limit=_CANDIDATES_PER_LEG,
            )
        return vector, candidates, degraded

    async def _find_by_words(
        self, request: SearchRequest, question: Question, planning: Planning
    ) -> list[UUID]:
        if not question.topic_terms:
            return []
        terms = selective_terms(question.topic_terms, request.space_id, planning.statistics)
        async with self._database.connection() as conn:
            return await lexical_candidates(
                conn,
                space_id=request.space_id,
                matching=tsquery_of(terms),
                ranking=question.words.tsquery,
                filters=request.filters,
                limit=_CANDIDATES_PER_LEG,
            )

    async def _read(self, best: list[Ranked], space_id: str) -> tuple[Hit, ...]:
        async with self._database.connection() as conn:
            memories = await read_hits(conn, space_id, [hit.memory_id for hit in best])
        return tuple(
            Hit(memories[hit.memory_id], hit.score, hit.signals)
            for hit in best
            if hit.memory_id in memories
        )

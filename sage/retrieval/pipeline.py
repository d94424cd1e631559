"""From a question to ranked memories."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from sage.domain.searching import Degradation, Hit, SearchAnswer
from sage.errors import ProviderError
from sage.retrieval.evidence import Evidence
from sage.retrieval.lexemes import query_of, tsquery_of
from sage.retrieval.names import FEWEST_CALLS, possible_names
from sage.retrieval.questions import understood
from sage.retrieval.ranking import ranked
from sage.retrieval.selectivity import selective_terms
from sage.store.search import (
    known_names,
    lexical_candidates,
    nearest_candidates,
    read_evidence,
    read_hits,
    read_statistics,
    read_vectors,
)

if TYPE_CHECKING:
    from uuid import UUID

    from sage.domain.embedding import Embedder, Vectors, VectorSpace
    from sage.domain.searching import SearchRequest
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked
    from sage.store.connection import Connection
    from sage.store.pool import Database
    from sage.store.search import PlannerStatistics

_CANDIDATES_PER_LEG = 100
_EMBED_DEADLINE_S = 5.0
_STATISTICS_KEPT_S = 60.0


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
        self._statistics: PlannerStatistics | None = None
        self._statistics_at = 0.0

    async def search(self, request: SearchRequest, vectors_of: VectorSpace) -> SearchAnswer:
        """Rank the memories of a space for a question by words, and by the vectors of one model.

        Hits scored under the request's `similarity_threshold` drop out. Without the embedder words
        alone decide, and the answer says so. Raises StoreError.
        """
        words = query_of(request.query)
        names = await self._names_in(request)
        question = understood(request.query, words, names)
        (vector, degraded), by_words = await asyncio.gather(
            self._embed(question.topic, vectors_of.embedder), self._find_by_words(request, question)
        )
        async with self._database.connection() as conn:
            by_meaning = await self._find_by_meaning(conn, request, vectors_of.model_id, vector)
            found = await read_evidence(
                conn,
                space_id=request.space_id,
                candidates=list(dict.fromkeys(by_words + by_meaning)),
                tsquery=words.tsquery,
                terms=words.tsqueries,
            )
            vectors = None
            if vector is not None:
                vectors = await read_vectors(
                    conn, request.space_id, vectors_of.model_id, found.memory_id, vector
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
        self, conn: Connection, request: SearchRequest, model_id: int, vector: Vectors | None
    ) -> list[UUID]:
        if vector is None:
            return []
        return await nearest_candidates(
            conn,
            space_id=request.space_id,
            model_id=model_id,
            vector=vector,
            filters=request.filters,
            limit=_CANDIDATES_PER_LEG,
        )

    async def _find_by_words(self, request: SearchRequest, question: Question) -> list[UUID]:
        if not question.topic_terms:
            return []
        async with self._database.connection() as conn:
            terms = selective_terms(
                question.topic_terms, request.space_id, await self._current_statistics(conn)
            )
            return await lexical_candidates(
                conn,
                space_id=request.space_id,
                matching=tsquery_of(terms),
                ranking=question.words.tsquery,
                filters=request.filters,
                limit=_CANDIDATES_PER_LEG,
            )

    async def _current_statistics(self, conn: Connection) -> PlannerStatistics:
        now = time.monotonic()
        if self._statistics is None or now - self._statistics_at > _STATISTICS_KEPT_S:
            self._statistics = await read_statistics(conn)
            self._statistics_at = now
        return self._statistics

    async def _read(self, best: list[Ranked], space_id: str) -> tuple[Hit, ...]:
        async with self._database.connection() as conn:
            memories = await read_hits(conn, space_id, [hit.memory_id for hit in best])
        return tuple(
            Hit(memories[hit.memory_id], hit.score, hit.signals)
            for hit in best
            if hit.memory_id in memories
        )

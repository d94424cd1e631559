"""From a question to ranked memories."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from sage.domain.searching import Degradation, Hit, SearchAnswer
from sage.errors import ProviderError
from sage.retrieval.evidence import Evidence, joined
from sage.retrieval.lexemes import query_of, tsquery_of
from sage.retrieval.names import FEWEST_CALLS, possible_names
from sage.retrieval.planning import Planner
from sage.retrieval.questions import understood
from sage.retrieval.ranking import ranked
from sage.retrieval.selectivity import selective_terms
from sage.store.search import (
    FoundColumns,
    known_names,
    lexical_candidates,
    nearest_candidates,
    read_evidence,
    read_hits,
    read_vectors,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.embedding import Embedder, Vectors, VectorSpace
    from sage.domain.searching import SearchRequest
    from sage.retrieval.planning import Planning
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked
    from sage.store.connection import Connection
    from sage.store.pool import Database

_CANDIDATES_PER_LEG = 100
_EMBED_DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked, understood, and what is known beforehand."""

    request: SearchRequest
    question: Question
    model_id: int
    planning: Planning


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
        names = await self._names_in(request, planning)
        question = understood(request.query, words, names)
        asked = _Asked(request, question, vectors_of.model_id, planning)
        # What words find is read while the question is embedded, the longest part of a search.
        by_words, (vector, degraded) = await asyncio.gather(
            self._found_by_words(asked), self._embed(question.topic, vectors_of.embedder)
        )
        found, vectors = by_words, None
        if vector is not None:
            parts = await asyncio.gather(
                self._with_vectors(asked, by_words, vector),
                self._found_by_meaning(asked, by_words, vector),
            )
            found, vectors = joined(parts)
        threshold = request.similarity_threshold or 0.0
        evidence = Evidence(found, len(words.terms), vectors, vector)
        ranks = ranked(evidence, question, request.n, self._ignored_signals)
        best = [hit for hit in ranks if hit.score >= threshold]
        return SearchAnswer(await self._read(best, request.space_id), degraded)

    async def _names_in(self, request: SearchRequest, planning: Planning) -> frozenset[str]:
        guesses = possible_names(request.query)
        if not guesses:
            return frozenset()
        async with self._database.connection() as conn:
            return await known_names(
                conn, request.space_id, guesses, FEWEST_CALLS, planning.statistics
            )

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

    async def _found_by_words(self, asked: _Asked) -> FoundColumns:
        topic, space_id = asked.question.topic_terms, asked.request.space_id
        if not topic:
            return FoundColumns()
        async with self._database.connection() as conn:
            candidates = await lexical_candidates(
                conn,
                space_id=space_id,
                matching=tsquery_of(selective_terms(topic, space_id, asked.planning.statistics)),
                ranking=asked.question.words.tsquery,
                filters=asked.request.filters,
                limit=_CANDIDATES_PER_LEG,
            )
            found, _ = await _evidence_of(conn, asked, candidates)
        return found

    async def _with_vectors(
        self, asked: _Asked, found: FoundColumns, vector: Vectors
    ) -> tuple[FoundColumns, Vectors]:
        async with self._database.connection() as conn:
            ids = found.memory_id
            return found, await read_vectors(
                conn, asked.request.space_id, asked.model_id, ids, vector
            )

    async def _found_by_meaning(
        self, asked: _Asked, by_words: FoundColumns, vector: Vectors
    ) -> tuple[FoundColumns, Vectors | None]:
        """Find by meaning what words did not find."""
        known = set(compress(by_words.memory_id, by_words.is_candidate))
        async with self._database.connection() as conn:
            candidates = await nearest_candidates(
                conn,
                space_id=asked.request.space_id,
                model_id=asked.model_id,
                vector=vector,
                filters=asked.request.filters,
                indexes=asked.planning.indexes,
                limit=_CANDIDATES_PER_LEG,
            )
            new = [candidate for candidate in candidates if candidate not in known]
            return await _evidence_of(conn, asked, new, near=vector)

    async def _read(self, best: list[Ranked], space_id: str) -> tuple[Hit, ...]:
        async with self._database.connection() as conn:
            memories = await read_hits(conn, space_id, [hit.memory_id for hit in best])
        return tuple(
            Hit(memories[hit.memory_id], hit.score, hit.signals)
            for hit in best
            if hit.memory_id in memories
        )


async def _evidence_of(
    conn: Connection, asked: _Asked, candidates: Sequence[UUID], near: Vectors | None = None
) -> tuple[FoundColumns, Vectors | None]:
    return await read_evidence(
        conn,
        space_id=asked.request.space_id,
        candidates=candidates,
        tsquery=asked.question.words.tsquery,
        terms=asked.question.words.tsqueries,
        model_id=asked.model_id,
        near=near,
    )

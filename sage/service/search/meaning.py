"""Finds memories by their vectors: near a question, in its language or the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.memories import Role
from sage.domain.searching import Filters
from sage.retrieval.answers.candidates import CandidateSelection, select_candidates
from sage.retrieval.ranking.cross_language import languages_of
from sage.retrieval.ranking.evidence import REACH, Evidence
from sage.service.search.caches import LanguageCache
from sage.service.search.query import CANDIDATES_PER_LEG
from sage.service.search.slow_reads import vectors_skipped
from sage.store.evidence import read_evidence, read_vectors
from sage.store.nearest import nearest_to_each
from sage.telemetry.metrics.catalog import SEARCH_STAGE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from sage.domain.candidates import FoundColumns
    from sage.domain.embedding import Vectors
    from sage.domain.searching import Degradation
    from sage.retrieval.ranking.cross_language import Languages
    from sage.service.search.query import SearchQuery
    from sage.service.search.slow_reads import SlowReads
    from sage.store.connections.connection import Connection

_FOREIGN = 100


class MeaningLookup:
    """Looks up memories by vectors, and remembers which spaces hold another language."""

    def __init__(self, slow_reads: SlowReads) -> None:
        self._slow_reads = slow_reads
        self._language_cache = LanguageCache()

    @SEARCH_STAGE.time("languages")
    async def languages(self, conn: Connection, asked: SearchQuery) -> Languages | None:
        """Return the model's languages if the space has another than the question's, else None."""
        space_id, handle = asked.request.space_id, asked.handle
        languages = languages_of(handle.embedder.model)
        if languages is None:
            return None
        language = asked.question.language
        place = (space_id, handle.model_id, language)
        holds_other = self._language_cache.holds_other(place)
        if holds_other is None:
            there = languages.passages[1 - language]
            nearest = await self._nearest(conn, asked, [there], Filters(), 1)
            if nearest is None:
                return None
            vectors = await read_vectors(conn, space_id, handle.model_id, nearest[0], there)
            holds_other = bool(languages.in_other_language(vectors, language).any())
            self._language_cache.keep(place, holds_other=holds_other)
        return languages if holds_other else None

    @SEARCH_STAGE.time("meaning")
    async def evidence(
        self,
        conn: Connection,
        asked: SearchQuery,
        by_words: Sequence[UUID],
        vector: Vectors | None,
        languages: Languages | None,
    ) -> tuple[Evidence, Collection[UUID], tuple[Degradation, ...]]:
        """Add candidates by meaning, in the language of the question and in the other.

        If comparing takes too long only the candidates by words remain. The ids are those found by
        meaning.
        """
        language, candidates = asked.question.language, dict.fromkeys(by_words)
        points = [] if vector is None else [vector]
        if vector is not None and languages is not None:
            points.append(languages.translated(vector, language))
        nearest = await self._nearest(
            conn, asked, points, asked.request.filters, CANDIDATES_PER_LEG
        )
        skipped = () if nearest is not None else (vectors_skipped(asked),)
        if nearest is None:
            vector = None
        near = dict.fromkeys(one for ids in nearest or () for one in ids)
        candidates |= near
        if asked.request.locates is not None:
            candidates[asked.request.locates] = None
        found, vectors = await _read_evidence(conn, asked, [*candidates], vector)
        choice = CandidateSelection.of_all(found)
        if not asked.request.filters.lets_in_questions:
            choice = select_candidates(found, asked.request.query, asked.question.words.terms)
        if not choice.is_kept.all():
            found, vectors = found.only(choice.is_kept), vectors[choice.is_kept]
        evidence = Evidence(found, None, None, off_topic=choice.off_topic, in_doubt=choice.in_doubt)
        if vector is None:
            return evidence, near, skipped
        evidence = replace(evidence, vectors=vectors, question=vector)
        if languages is None:
            return evidence, near, skipped
        debiased = Evidence(found, *languages.debiased(vectors, vector, language))
        other_language = languages.in_other_language(vectors, language)
        return replace(evidence, other_language=other_language, debiased=debiased), near, skipped

    async def in_other_language(
        self,
        conn: Connection,
        asked: SearchQuery,
        vector: Vectors | None,
        languages: Languages | None,
    ) -> dict[UUID, float]:
        """Find messages of people in the other language nearest to a question, with the cosines."""
        request, language = asked.request, asked.question.language
        if not request.with_other_language or vector is None or languages is None:
            return {}
        there = languages.translated(vector, language)
        filters = replace(request.filters, role=Role.USER)
        nearest = await self._nearest(conn, asked, [there], filters, _FOREIGN)
        if not nearest:
            return {}
        (ids,), model_id = nearest, asked.handle.model_id
        vectors = await read_vectors(conn, request.space_id, model_id, ids, there)
        cosines = languages.debiased_cosines(vectors, vector, language)
        places = np.flatnonzero(languages.in_other_language(vectors, language)).tolist()
        return {ids[place]: float(cosines[place]) for place in places}

    async def _nearest(
        self,
        conn: Connection,
        asked: SearchQuery,
        points: Sequence[Vectors],
        filters: Filters,
        limit: int,
    ) -> list[list[UUID]] | None:
        """Find the nearest to each point; None if that takes too long, or did a moment ago."""
        if not points:
            return []
        return await self._slow_reads.of_vectors(
            conn,
            asked,
            lambda: nearest_to_each(
                conn,
                space_id=asked.request.space_id,
                model_id=asked.handle.model_id,
                points=points,
                filters=filters,
                indexes=asked.statistics.indexes,
                limit=limit,
            ),
        )


async def _read_evidence(
    conn: Connection, asked: SearchQuery, candidates: Sequence[UUID], near: Vectors | None
) -> tuple[FoundColumns, Vectors]:
    """Read candidates with their neighbours and, if `near` is given, the vectors nearest to it."""
    return await read_evidence(
        conn,
        space_id=asked.request.space_id,
        candidates=candidates,
        tsquery=asked.question.words.tsquery,
        terms=asked.question.words.tsqueries,
        model_id=asked.handle.model_id,
        dimensions=asked.handle.embedder.model.dimensions,
        reach=REACH,
        near=near,
        include_superseded=asked.request.filters.include_superseded,
    )

"""A question on its way, and the evidence that is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.retrieval.evidence import REACH
from sage.retrieval.lexemes import tsquery_of
from sage.retrieval.selectivity import selective_terms
from sage.store.evidence import read_evidence
from sage.store.nearest import nearest_to_each

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.candidates import FoundColumns
    from sage.domain.embedding import EmbedderHandle, Vectors
    from sage.domain.searching import Filters, SearchRequest
    from sage.retrieval.names import PossibleNames
    from sage.retrieval.questions import Question
    from sage.service.statistics_cache import SearchStatistics
    from sage.store.connections.connection import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and what is known beforehand.

    `text` is that of the request without the words of days, and `possible` what may be names in it.
    """

    request: SearchRequest
    text: str
    question: Question
    possible: PossibleNames
    handle: EmbedderHandle
    statistics: SearchStatistics

    @property
    def matching(self) -> str:
        """The tsquery that candidates by words match."""
        known = self.statistics.statistics
        return tsquery_of(selective_terms(self.question.topic_terms, self.request.space_id, known))


async def nearest_of(
    conn: Connection, asked: Asked, points: Sequence[Vectors], filters: Filters, limit: int
) -> list[list[UUID]]:
    """Find the memories of the space that are nearest to each of some points."""
    return await nearest_to_each(
        conn,
        space_id=asked.request.space_id,
        model_id=asked.handle.model_id,
        points=points,
        filters=filters,
        indexes=asked.statistics.indexes,
        limit=limit,
    )


async def evidence_of(
    conn: Connection, asked: Asked, candidates: Sequence[UUID], near: Vectors | None
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

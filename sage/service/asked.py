"""A question on its way, and the evidence that is read for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.retrieval.evidence import REACH
from sage.store.evidence import read_evidence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.candidates import FoundColumns
    from sage.domain.embedding import EmbedderHandle, Vectors
    from sage.domain.searching import SearchRequest
    from sage.retrieval.questions import Question
    from sage.service.statistics_cache import SearchStatistics
    from sage.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, and what is known beforehand."""

    request: SearchRequest
    question: Question
    handle: EmbedderHandle
    statistics: SearchStatistics


async def evidence_of(
    conn: Connection, asked: Asked, candidates: Sequence[UUID], near: Vectors | None = None
) -> tuple[FoundColumns, Vectors]:
    """Read candidates with their neighbours and vectors, those nearest to `near` if it is given."""
    handle = asked.handle
    # Without the embedder nobody needs vectors; should it answer after all, they are read then.
    wanted = near is not None or handle.embedder.ready
    return await read_evidence(
        conn,
        space_id=asked.request.space_id,
        candidates=candidates,
        tsquery=asked.question.words.tsquery,
        terms=asked.question.words.tsqueries,
        model_id=handle.model_id if wanted else None,
        dimensions=handle.embedder.model.dimensions,
        reach=REACH,
        near=near,
        include_superseded=asked.request.filters.include_superseded,
    )

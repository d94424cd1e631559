"""What the same was asked in vain tells of what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.exchanges import AskedBefore
from sage.domain.relevance import Relevance
from sage.retrieval.lexemes import tsquery_of
from sage.retrieval.relevance.features import FIRST
from sage.retrieval.relevance.in_vain import is_answered, most_relevant
from sage.retrieval.relevance.judgement import judged
from sage.retrieval.selectivity import selective_terms
from sage.retrieval.vain_questions import is_equal, is_the_same
from sage.store.search import asked_in_vain, read_hits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.retrieval.evidence import Evidence
    from sage.retrieval.ranking import Ranked
    from sage.retrieval.relevance.judgement import Judgement
    from sage.service.search_evidence import Asked
    from sage.store.connections.connection import Connection
    from sage.store.search import WordMatches


@dataclass(frozen=True, slots=True)
class VainAsks:
    """What asks the same and was never answered, text by text with the newest memory of each.

    How often it was asked is counted where it matters: in equal words, and in these or others.
    """

    same: Mapping[str, UUID]
    equal: AskedBefore | None = None
    alike: AskedBefore | None = None


def matching_of(asked: Asked) -> str:
    """Return the tsquery that candidates by words match."""
    known = asked.statistics.statistics
    terms = selective_terms(asked.question.topic_terms, asked.request.space_id, known)
    return tsquery_of(terms)


async def verdict_of(
    conn: Connection, asked: Asked, evidence: Evidence, best: Sequence[Ranked], matches: WordMatches
) -> tuple[Judgement, VainAsks]:
    """Judge the hits of a question, best first, by what is known of those who asked it before."""
    model, query = asked.handle.embedder.model, asked.request.query
    judgement = judged(evidence, asked.question, best, model)
    asks = await _vain_asks(conn, asked, evidence, judgement, matches)
    if asks.equal is None or judgement.relevance not in {Relevance.STRONG, Relevance.WEAK}:
        return judgement, asks
    ids = [hit.memory_id for hit in best[:FIRST]]
    read = await read_hits(conn, asked.request.space_id, ids)
    most = most_relevant(
        evidence,
        asked.question,
        judgement.hits,
        query=query,
        contents={one: memory.content for one, memory in read.items()},
        asked_at=asks.equal.last_at,
    )
    return judged(evidence, asked.question, best, model, most), asks


async def _vain_asks(
    conn: Connection, asked: Asked, evidence: Evidence, judgement: Judgement, matches: WordMatches
) -> VainAsks:
    """Find what asked the same in vain, and count how often it was asked where it matters."""
    request = asked.request
    alike = {text: one for text, one in matches.asked.items() if is_the_same(text, request.query)}
    equal = {text for text in alike if is_equal(text, request.query)}
    if equal and is_answered(evidence, request.query):
        equal = set()
    if not equal and not (alike and judgement.relevance is Relevance.NONE):
        return VainAsks(alike)
    counts = await asked_in_vain(
        conn, request.space_id, matching_of(asked), [*alike], request.filters
    )
    before = {text: AskedBefore(*one) for text, one in counts.items()}
    in_equal_words = [one for text, one in before.items() if text in equal]
    return VainAsks(alike, AskedBefore.joined(in_equal_words), AskedBefore.joined(before.values()))

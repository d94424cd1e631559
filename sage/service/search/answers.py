"""Turns ranked memories into hits, with answers, replacements, and unanswered questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sage.domain.exchanges import AskedBefore, Reply
from sage.domain.message_class import MessageClass
from sage.domain.relevance import JudgedBy, Relevance, Thresholds
from sage.domain.searching import Hit, SearchResult
from sage.retrieval.answers.replies import Replies, hit_identity
from sage.retrieval.answers.results import non_increasing
from sage.retrieval.query.introductions import without_introductions
from sage.retrieval.query.same_questions import is_equal_question, is_same_question
from sage.retrieval.relevance.bounds import bound_among_few, bound_if_unanswered, is_answered
from sage.retrieval.relevance.classification import fitted_model_for
from sage.retrieval.relevance.features import FIRST
from sage.retrieval.text.duplicates import adds_nothing
from sage.store.replies import read_exchanges
from sage.store.search import count_unanswered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.memories import Memory
    from sage.domain.searching import Filters
    from sage.retrieval.answers.replies import PlacedHit
    from sage.retrieval.ranking.evidence import Evidence
    from sage.retrieval.ranking.ranker import Ranked
    from sage.retrieval.relevance.classification import RelevanceVerdict
    from sage.service.search.query import SearchQuery
    from sage.store.connections.connection import Connection
    from sage.store.search import WordMatches

_MAX_QUESTIONS = 5
_REPLY_CHARS = 600
_NOT_LIKELY = 0.0


@dataclass(frozen=True, slots=True)
class UnansweredQuestions:
    """Earlier equal or similar questions without an answer: by text, the newest memory of each.

    How often they were asked is counted only if it matters: in equal words, and in these or others.
    """

    same: Mapping[str, UUID]
    equal: AskedBefore | None = None
    similar: AskedBefore | None = None


@dataclass(frozen=True, slots=True)
class Demoted:
    """Hits that were marked as not useful for such a question, and the times of all marks."""

    hits: tuple[Ranked, ...]
    marked: Mapping[UUID, datetime]

    def marked_at(self, ranked: Ranked) -> datetime:
        """Return when a hit was marked, or the memory that is shown in its place."""
        found = ranked.stands_for or ranked.memory_id
        return self.marked.get(found) or max(self.marked.values())


async def find_unanswered(
    conn: Connection,
    asked: SearchQuery,
    evidence: Evidence,
    verdict: RelevanceVerdict,
    matches: WordMatches,
) -> UnansweredQuestions:
    """Find earlier equal or similar questions without an answer, and count them if it matters."""
    request = asked.request
    similar = {
        text: one for text, one in matches.asked.items() if is_same_question(text, request.query)
    }
    equal = {text for text in similar if is_equal_question(text, request.query)}
    if equal and is_answered(evidence, request.query):
        equal = set()
    if not equal and not (similar and verdict.relevance is Relevance.NONE):
        return UnansweredQuestions(similar)
    matching = " | ".join(asked.matching)
    counts = await count_unanswered(conn, request.space_id, matching, [*similar], request.filters)
    before = {text: AskedBefore(*one) for text, one in counts.items()}
    in_equal_words = [one for text, one in before.items() if text in equal]
    return UnansweredQuestions(
        similar, AskedBefore.joined(in_equal_words), AskedBefore.joined(before.values())
    )


async def answer_of(  # noqa: PLR0913 - what is known of the hits
    conn: Connection,
    asked: SearchQuery,
    evidence: Evidence,
    verdict: RelevanceVerdict,
    asks: UnansweredQuestions,
    *,
    demoted: Demoted,
) -> SearchResult:
    """Read the hits of a verdict, then those `demoted`, with the answers to those that ask.

    They are less relevant if the same question was not answered before, and may be if there are
    few. Earlier questions are listed beside the hits, unless they only repeat the query.
    """
    request, best = asked.request, verdict.hits
    kinds = _kinds(evidence, [hit.memory_id for hit in (*best, *demoted.hits)])
    off_topic = evidence.off_topic[:_MAX_QUESTIONS]
    own = [
        one
        for text, one in asks.same.items()
        if not adds_nothing(without_introductions(text), request.query)
    ]
    ids = [*dict.fromkeys((*kinds, *off_topic, *own))]
    memories, stored = await read_exchanges(conn, request.space_id, ids)
    verdict = _bounded(verdict, asked, evidence, asks, memories)
    best = verdict.hits
    asking = {*off_topic, *(one for one, kind in kinds.items() if kind.asks)}
    answering = {one for one, kind in kinds.items() if kind is MessageClass.ANSWER}
    replies = {
        one: it.reply_id
        for one, it in stored.items()
        if it.asks or (it.is_answer and one in answering)
    }
    corrections = {
        one: it.reply_id
        for one, it in stored.items()
        if one not in replies and (one in kinds or not it.is_answer)
    }
    corrections |= {it.reply_id: it.correction_id for it in stored.values() if it.correction_id}
    exchange = Replies(
        request.query,
        memories,
        replies,
        corrections,
        asking,
        partial(_passes, request.filters),
        keeps_questions=request.filters.lets_in_questions,
    )
    placed = exchange.placed(best)[: max(request.n, FIRST)]
    listed = [_hit(one, request.reader) for one in placed]
    if demoted.hits:
        listed += _demoted(exchange.placed(demoted.hits), placed, demoted, request.reader)
    hits = tuple(_at_most(hit, verdict.likely) for hit in non_increasing(listed)[: request.n])
    likely = None if any(hit.probability is None for hit in hits) else _NOT_LIKELY
    answers = {one: memories[reply] for one, reply in replies.items() if reply in memories}
    questions = [
        Hit.of(
            memories[one],
            0.0,
            {},
            likely,
            request.reader,
            reply=reply_of(answers.get(one)),
            correction=reply_of(exchange.correction_of(replies.get(one))),
        )
        for one in (*own, *off_topic)
        if one in memories
    ]
    questions.sort(key=lambda hit: hit.created_at, reverse=True)
    return SearchResult(
        hits,
        verdict.relevance,
        questions=tuple(questions[:_MAX_QUESTIONS]),
        judged_by=_judged_by(asked, evidence, verdict) if request.explain else None,
    )


def _judged_by(asked: SearchQuery, evidence: Evidence, verdict: RelevanceVerdict) -> JudgedBy:
    model = fitted_model_for(asked.handle.embedder.model)
    thresholds = None if model is None else Thresholds(model.weak_from, model.strong_from)
    return JudgedBy(len(evidence.candidates), verdict.likely, thresholds)


def _bounded(
    verdict: RelevanceVerdict,
    asked: SearchQuery,
    evidence: Evidence,
    asks: UnansweredQuestions,
    memories: Mapping[UUID, Memory],
) -> RelevanceVerdict:
    """Limit the verdict by the contents of hits, and by earlier questions without an answer."""
    if verdict.relevance not in {Relevance.STRONG, Relevance.WEAK}:
        return verdict
    query = asked.request.query
    contents = {one: memory.content for one, memory in memories.items()}
    most = bound_among_few(verdict, query, contents)
    if asks.equal is not None:
        bound = bound_if_unanswered(
            evidence,
            asked.question,
            verdict.hits,
            query=query,
            contents=contents,
            asked_at=asks.equal.last_at,
        )
        most = most.at_most(bound)
    return verdict.at_most(most)


def _kinds(evidence: Evidence, memory_ids: Sequence[UUID]) -> dict[UUID, MessageClass]:
    codes = evidence.found.class_code[evidence.candidates]
    return {one: MessageClass.of_code(int(codes[evidence.position_of[one]])) for one in memory_ids}


def _hit(placed: PlacedHit, reader: str | None) -> Hit:
    ranked = placed.ranked
    return Hit.of(
        placed.memory,
        ranked.score,
        ranked.signals,
        ranked.probability,
        reader,
        reply=reply_of(placed.reply),
        correction=reply_of(placed.correction),
        times=ranked.times,
        is_corrected=placed.is_corrected,
        contributions=ranked.contributions,
        stands_for=ranked.stands_for,
    )


def _at_most(hit: Hit, likely: float | None) -> Hit:
    """Return a hit that is at most as likely to answer as that any of the hits does."""
    if likely is None or hit.probability is None:
        return hit
    return replace(hit, probability=min(hit.probability, likely))


def _demoted(
    behind: Sequence[PlacedHit], before: Sequence[PlacedHit], demoted: Demoted, reader: str | None
) -> list[Hit]:
    """Return the hits that were marked, except those whose text hits before them repeat."""
    said = {hit_identity(one.memory, one.reply) for one in before}
    return [
        replace(_hit(one, reader), not_useful_at=demoted.marked_at(one.ranked))
        for one in behind
        if hit_identity(one.memory, one.reply) not in said
    ]


def reply_of(memory: Memory | None) -> Reply | None:
    """Return a memory in the form of a reply to another, abridged."""
    if memory is None:
        return None
    return Reply(memory.memory_id, memory.role, memory.name, _abridged(memory.content))


def _passes(filters: Filters, memory: Memory) -> bool:
    """Return whether filters allow the reply to a memory that they allow."""
    return (
        (filters.role is None or memory.role == filters.role)
        and (filters.after is None or memory.created_at >= filters.after)
        and (filters.before is None or memory.created_at < filters.before)
        and (filters.author is None or memory.author == filters.author)
        and filters.trust is None
        and all(memory.metadata.get(key) == value for key, value in filters.metadata.items())
    )


def _abridged(content: str) -> str:
    return content if len(content) <= _REPLY_CHARS else f"{content[: _REPLY_CHARS - 1]}…"

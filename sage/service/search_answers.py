"""From ranked memories to hits: what was answered, and what replaced it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sage.domain.exchanges import Reply
from sage.domain.message_class import MessageClass
from sage.domain.searching import Found, Hit
from sage.retrieval.echoes import adds_nothing
from sage.retrieval.figures import falling
from sage.retrieval.message_classes.introductions import without_introductions
from sage.retrieval.relevance.features import FIRST
from sage.retrieval.replies import Replies
from sage.store.replies import read_replies
from sage.store.search import read_hits

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.memories import Memory
    from sage.domain.searching import Filters
    from sage.retrieval.evidence import Evidence
    from sage.retrieval.relevance.judgement import Judgement
    from sage.retrieval.replies import Placed
    from sage.service.search_evidence import Asked
    from sage.service.vain_asks import VainAsks
    from sage.store.connections.connection import Connection

_MOST_QUESTIONS = 5
_REPLY_CHARS = 600
_NOT_LIKELY = 0.0


async def answer_of(
    conn: Connection, asked: Asked, evidence: Evidence, judgement: Judgement, asks: VainAsks
) -> Found:
    """Read the hits of a judgement, with what was answered to those that ask.

    What asked the same in vain is told beside the hits, unless it only repeats the query.
    """
    request, best = asked.request, judgement.hits
    kinds = _kinds(evidence, [hit.memory_id for hit in best])
    elsewhere = evidence.elsewhere[:_MOST_QUESTIONS]
    asking = {*elsewhere, *(one for one, kind in kinds.items() if kind.asks)}
    answering = {one for one, kind in kinds.items() if kind is MessageClass.ANSWER}
    stored = await read_replies(conn, request.space_id, [*elsewhere, *kinds])
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
    own = [
        one
        for text, one in asks.same.items()
        if not adds_nothing(without_introductions(text), request.query)
    ]
    ids = {*(hit.memory_id for hit in best), *replies.values(), *own, *elsewhere}
    ids |= {*corrections, *corrections.values()}
    memories = await read_hits(conn, request.space_id, [*ids]) if ids else {}
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
    hits = falling([_hit(one, request.reader) for one in placed])[: request.n]
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
        for one in (*own, *elsewhere)
        if one in memories
    ]
    questions.sort(key=lambda hit: hit.created_at, reverse=True)
    return Found(hits, judgement.relevance, questions=tuple(questions[:_MOST_QUESTIONS]))


def _kinds(evidence: Evidence, memory_ids: Sequence[UUID]) -> dict[UUID, MessageClass]:
    codes = evidence.found.class_code[evidence.candidates]
    return {one: MessageClass.of_code(int(codes[evidence.place_of[one]])) for one in memory_ids}


def _hit(placed: Placed, reader: str | None) -> Hit:
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
    )


def reply_of(memory: Memory | None) -> Reply | None:
    """Return a memory as it is shown as what was said to another, abridged."""
    if memory is None:
        return None
    return Reply(memory.memory_id, memory.role, memory.name, _abridged(memory.content))


def _passes(filters: Filters, memory: Memory) -> bool:
    """Return whether filters let in the reply to something that they let in."""
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

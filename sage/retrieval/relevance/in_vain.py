"""Judge what was stored when the same was asked in vain: most likely it is no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.domain.message_class import MessageClass
from sage.domain.relevance import Relevance
from sage.retrieval.relevance.features import FIRST
from sage.retrieval.vain_questions import is_equal
from sage.retrieval.wanted import may_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.retrieval.evidence import Evidence, FloatColumn
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked

_HALF = 0.5
_QUARTER = 0.25
_OF_EXCHANGES = [one.code for one in MessageClass if one.asks or one is MessageClass.ANSWER]


def is_answered(evidence: Evidence, query: str) -> bool:
    """Return whether a question that equals a query is among what may be found: it was answered."""
    found = evidence.found
    said = {*zip(found.asked.tolist(), found.class_code.tolist(), strict=True)}
    return any(
        is_equal(text, query)
        for text, code in said
        if text is not None and MessageClass.of_code(code).asks
    )


def most_relevant(  # noqa: PLR0913 - the question, as read and as asked, and what is known of it
    evidence: Evidence,
    question: Question,
    best: Sequence[Ranked],
    *,
    query: str,
    contents: Mapping[UUID, str],
    asked_at: datetime,
) -> Relevance:
    """Return how relevant hits can be at most, where an equal question was asked in vain last then.

    The time is UTC.

    Whoever asked then was not answered by what was stored. That says nothing against what came
    later if it is half as likely to answer as the likeliest, nor against what holds half of the
    words of the question. All else answers weakly at most, and not at all where none of it holds a
    thing of the kind that was asked for, or it was said to who asked for something else.
    """
    first = best[:FIRST]
    at = [evidence.place_of[hit.memory_id] for hit in first]
    told_at = evidence.found.created_at[evidence.candidates][at]
    later = told_at > np.datetime64(asked_at.replace(tzinfo=None))
    likely = np.array([hit.probability or 0.0 for hit in first])
    kinds = evidence.found.class_code[evidence.candidates][at]
    held = _shares_held(evidence, question, at, kinds)
    if (likely[later] >= _HALF * likely.max()).any() or (held >= _HALF).any():
        return Relevance.STRONG
    elsewhere = np.isin(kinds, _OF_EXCHANGES) & (held < _QUARTER)
    texts = [contents.get(hit.memory_id, "") for hit in first]
    possible = [
        may_answer(text, query)
        for text, is_elsewhere in zip(texts, elsewhere, strict=True)
        if not is_elsewhere
    ]
    return Relevance.WEAK if any(possible) else Relevance.NONE


def _shares_held(
    evidence: Evidence, question: Question, at: Sequence[int], kinds: NDArray[np.int16]
) -> FloatColumn:
    """Return the share of the words of a question that each hit holds.

    What belongs to an exchange holds what was said around it, too.
    """
    topic = {term for term in question.topic_terms if not term.startswith("@")}
    columns = [place for place, term in enumerate(question.words.terms) if term in topic]
    if not columns:
        return np.ones(len(at))
    ranks = evidence.term_ranks[:, columns]
    own, around = ranks[evidence.candidates][at], evidence.around(ranks)[at]
    is_exchange = np.isin(kinds, _OF_EXCHANGES)[:, np.newaxis]
    shares: FloatColumn = (np.where(is_exchange, around, own) > 0).mean(axis=1)
    return shares

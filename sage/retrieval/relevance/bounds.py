"""Bound the relevance of hits by evidence that is not among their features.

In a store of few memories there is little from which a hit could stand out: the best of a handful
looks certain to answer as soon as it shares a subject with the question. And what was stored when
an equal question was asked before, without being answered, is most likely no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.domain.message_class import MessageClass
from sage.domain.relevance import Relevance
from sage.retrieval.query.answer_types import may_answer
from sage.retrieval.query.same_questions import is_equal_question
from sage.retrieval.relevance.classification import probability
from sage.retrieval.relevance.features import FIRST, answer_features

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.retrieval.query.questions import Question
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn
    from sage.retrieval.ranking.ranker import Ranked
    from sage.retrieval.relevance.classification import RelevanceVerdict
    from sage.retrieval.relevance.hit_evidence import HitEvidence

_MAX_FEW = 8
"""The most candidates that count as few."""
_SURE = 0.5
_HARDLY = 0.3
_HALF = 0.5
_QUARTER = 0.25
_OF_EXCHANGES = [one.code for one in MessageClass if one.asks or one is MessageClass.ANSWER]


def few_features(
    evidence: HitEvidence, features: Mapping[str, float], answered: float, *, is_of_kind: bool
) -> dict[str, float]:
    """Return the features that show, among few candidates, whether one of the first hits answers.

    `features` are those of the answer, `answered` its log odds as if there were many candidates;
    `is_of_kind`: one of the hits contains a thing of the kind asked for.
    """
    nearest = np.sort(evidence.meaning)[::-1]
    return {
        "answered": answered,
        "meaning": float(evidence.meaning[:FIRST].max()),
        "of_kind": float(is_of_kind),
        "lead": float(nearest[0] - nearest[1]) if len(nearest) > 1 else 0.0,
        "meaning_deviation": features["meaning_deviation"],
        "chinese": features["chinese"],
    }


def shares_words(evidence: HitEvidence) -> bool:
    """Return whether the first hits share words with the question, and are in its language."""
    return bool(evidence.own[:FIRST].any() and not evidence.across[:FIRST].any())


def any_may_answer(texts: Iterable[str], query: str) -> bool:
    """Return whether any of the texts contains a thing of the type that a query asks for."""
    return any(may_answer(text, query) for text in texts)


def bound_among_few(
    verdict: RelevanceVerdict, query: str, contents: Mapping[UUID, str]
) -> Relevance:
    """Return the highest relevance that hits can have among few candidates, by their contents.

    They are strong only if they are more likely than not to answer; weak ones become none if they
    hardly answer and contain nothing of the kind asked for. Hits that share no words with the
    question are classified as among many candidates.
    """
    inputs = verdict.inputs
    if (
        inputs is None
        or len(inputs.evidence.meanings) > _MAX_FEW
        or not shares_words(inputs.evidence)
    ):
        return Relevance.STRONG
    model, evidence = inputs.model, inputs.evidence
    first = (hit.memory_id for hit in verdict.hits[:FIRST])
    of_kind = any_may_answer((contents[one] for one in first if one in contents), query)
    features = answer_features(evidence, model.background)
    of_few = few_features(evidence, features, inputs.answered, is_of_kind=of_kind)
    likely = probability(model.few.log_odds(of_few))
    if verdict.relevance is Relevance.WEAK and likely < _HARDLY and not of_kind:
        return Relevance.NONE
    return Relevance.STRONG if likely >= _SURE else Relevance.WEAK


def is_answered(evidence: Evidence, query: str) -> bool:
    """Return whether a question equal to the query is among the candidates, and so was answered."""
    found = evidence.found
    said = {*zip(found.asked.tolist(), found.class_code.tolist(), strict=True)}
    return any(
        is_equal_question(text, query)
        for text, code in said
        if text is not None and MessageClass.of_code(code).asks
    )


def bound_if_unanswered(  # noqa: PLR0913 - the question, as read and as asked, and what is known of it
    evidence: Evidence,
    question: Question,
    best: Sequence[Ranked],
    *,
    query: str,
    contents: Mapping[UUID, str],
    asked_at: datetime,
) -> Relevance:
    """Return the highest relevance of hits if an equal question was last asked at `asked_at` (UTC).

    What was stored then did not answer it. That is no evidence against a later memory if it is at
    least half as likely to answer as the likeliest one, nor against a hit with at least half of the
    words of the question. Any other answer is weak at most, and none if no hit contains a thing of
    the kind asked for, other than in a reply to a different question.
    """
    first = best[:FIRST]
    at = [evidence.position_of[hit.memory_id] for hit in first]
    said_at = evidence.found.created_at[evidence.candidates][at]
    later = said_at > np.datetime64(asked_at.replace(tzinfo=None))
    likely = np.array([hit.probability or 0.0 for hit in first])
    kinds = evidence.found.class_code[evidence.candidates][at]
    held = _shares_held(evidence, question, at, kinds)
    if (likely[later] >= _HALF * likely.max()).any() or (held >= _HALF).any():
        return Relevance.STRONG
    off_topic = np.isin(kinds, _OF_EXCHANGES) & (held < _QUARTER)
    texts = [contents.get(hit.memory_id, "") for hit in first]
    possible = [
        may_answer(text, query)
        for text, is_off_topic in zip(texts, off_topic, strict=True)
        if not is_off_topic
    ]
    return Relevance.WEAK if any(possible) else Relevance.NONE


def _shares_held(
    evidence: Evidence, question: Question, at: Sequence[int], kinds: NDArray[np.int16]
) -> FloatColumn:
    """Return the share of the words of a question that each hit contains.

    For questions and answers, the words of their neighbours count as well.
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

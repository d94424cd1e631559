"""Fit what tells relevance from what was answered in stores that are not held out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.relevance.logistic import fitted_logistic
from benchmarks.relevance.questions import Kind
from benchmarks.relevance.stores import LANGUAGES
from sage.providers.local import MODEL
from sage.retrieval.relevance.features import FIRST, answer_features, hit_features
from sage.retrieval.relevance.judgement import Fitted, fitted_for, probability

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from benchmarks.relevance.asking import Answered
    from sage.retrieval.evidence import Column

WEAK_FROM = 0.17
STRONG_FROM = 0.7
_OF_ANSWER = {
    Kind.OWN: 1.0,
    Kind.FOREIGN: 1.0,
    Kind.OFF_TOPIC_FIT: 2.5,
    Kind.ELSEWHERE: 0.35,
}
_OF_HIT = {Kind.OWN: 1.0, Kind.FOREIGN: 0.5, Kind.OFF_TOPIC_FIT: 0.25, Kind.ELSEWHERE: 0.3}
_SMALL = 0.35
_ACROSS = 0.25
_ROWS_OF_A_GROUP = 400
"""What a group of questions weighs in all, however many it has, in rows."""


def fitted_from(answers: Sequence[Answered]) -> Fitted:
    """Fit both functions. Own questions without an answer among the first hits say nothing."""
    taken = [one for one in answers if one.question.kind is not Kind.OFF_TOPIC]
    telling = [one for one in taken if one.question.kind is not Kind.OWN or one.among_first]
    answer = fitted_logistic(
        _columns([answer_features(one.seen) for one in telling]),
        np.array([one.among_first for one in telling], dtype=float),
        np.array(_weights(telling, _OF_ANSWER)),
    )
    of_hits = [
        hit_features(one.seen, float(answer.log_odds(answer_features(one.seen)))) for one in taken
    ]
    hit = fitted_logistic(
        {name: np.concatenate([one[name] for one in of_hits]) for name in of_hits[0]},
        np.concatenate([np.array(one.right, dtype=float) for one in taken]),
        np.repeat(_weights(taken, _OF_HIT), [len(one.right) for one in taken]),
    )
    return Fitted(answer, hit, WEAK_FROM, STRONG_FROM)


def shipped() -> Fitted:
    """Return the coefficients that come with Sage."""
    fitted = fitted_for(MODEL)
    if fitted is None:
        raise LookupError(f"nothing was fitted for {MODEL}")
    return fitted


@dataclass(frozen=True, slots=True)
class Judged:
    """What a fit says of an answer: whether any hit answers, and each of the first."""

    any: float
    each: Column


def judge(fitted: Fitted, one: Answered) -> Judged:
    """Judge an answer by a fit that it may have had no part in."""
    log_odds = float(fitted.answer.log_odds(answer_features(one.seen)))
    each = fitted.hit.log_odds(hit_features(one.seen, log_odds))[:FIRST]
    return Judged(float(probability(log_odds)), probability(each))


def as_json(fitted: Fitted, model: str) -> str:
    """Write what `sage/retrieval/relevance/coefficients.json` holds."""
    kept = {
        "model": model,
        "answer": {"weights": fitted.answer.weights, "intercept": fitted.answer.intercept},
        "hit": {"weights": fitted.hit.weights, "intercept": fitted.hit.intercept},
        "weak_from": fitted.weak_from,
        "strong_from": fitted.strong_from,
    }
    return json.dumps(kept, indent=2) + "\n"


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, Column]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _weights(answers: Sequence[Answered], shares: Mapping[Kind, float]) -> list[float]:
    """Weigh every group of questions by its share, however many questions it has."""
    counts = Counter(map(_group, answers))
    return [
        _share(one, shares[one.question.kind]) * _ROWS_OF_A_GROUP / counts[_group(one)]
        for one in answers
    ]


def _group(one: Answered) -> Hashable:
    store = one.store
    language = LANGUAGES if store.view == LANGUAGES else store.language
    question = one.question
    return (language, store.messages, question.kind, question.across)


def _share(one: Answered, share: float) -> float:
    if one.store.messages or one.store.view == LANGUAGES:
        return _SMALL
    return share * _ACROSS if one.question.across and one.question.kind is Kind.OWN else share

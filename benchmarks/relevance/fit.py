"""Fit what tells relevance from what was answered in stores that are not held out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.relevance.logistic import fitted_logistic
from benchmarks.relevance.questions import Kind
from benchmarks.relevance.stores import LANGUAGES
from sage.providers.local import MODEL
from sage.retrieval.relevance.features import FIRST, answer_features, hit_features
from sage.retrieval.relevance.judgement import Fitted, Logistic, fitted_for, probability

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from benchmarks.relevance.asking import Answered
    from sage.domain.relevance import Relevance
    from sage.retrieval.evidence import Column

WEAK_FROM = 0.17
STRONG_FROM = 0.7
WEAK_ELSEWHERE_FROM = 0.1


@dataclass(frozen=True, slots=True)
class Shares:
    """What groups of questions weigh: those asked in whole conversations, and in `small` stores."""

    of_kind: Mapping[Kind, float]
    small: float


_OF_ANSWER = Shares(
    {Kind.OWN: 1.0, Kind.FOREIGN: 1.0, Kind.OFF_TOPIC_FIT: 2.5, Kind.ELSEWHERE: 0.35}, small=0.35
)
_OF_HIT = Shares(
    {Kind.OWN: 1.0, Kind.FOREIGN: 1.0, Kind.OFF_TOPIC_FIT: 0.25, Kind.ELSEWHERE: 0.3}, small=0.1
)
"""There are many groups of small stores, where hits are easy to tell: they must not outweigh."""
_ACROSS = 0.25
_ROWS_OF_A_GROUP = 400
"""What a group of questions weighs in all, however many it has, in rows."""
_features_of = cache(answer_features)


def fitted_from(answers: Sequence[Answered], answer: Logistic | None = None) -> Fitted:
    """Fit both functions, or only that of the hits where that of the `answer` is given.

    Own questions without an answer among the first hits say nothing of the answer.
    """
    taken = [one for one in answers if one.question.kind is not Kind.OFF_TOPIC]
    telling = [one for one in taken if one.question.kind is not Kind.OWN or one.among_first]
    answer = answer or fitted_logistic(
        _columns([_features_of(one.seen) for one in telling]),
        np.array([one.among_first for one in telling], dtype=float),
        np.array(_weights(telling, _OF_ANSWER)),
    )
    of_hits = [
        hit_features(one.seen, float(answer.log_odds(_features_of(one.seen)))) for one in taken
    ]
    hit = fitted_logistic(
        {name: np.concatenate([one[name] for one in of_hits]) for name in of_hits[0]},
        np.concatenate([np.array(one.right, dtype=float) for one in taken]),
        np.repeat(_weights(taken, _OF_HIT), [len(one.right) for one in taken]),
    )
    return Fitted(answer, hit, WEAK_FROM, STRONG_FROM, WEAK_ELSEWHERE_FROM)


def shipped() -> Fitted:
    """Return the coefficients that come with Sage."""
    fitted = fitted_for(MODEL)
    if fitted is None:
        raise LookupError(f"nothing was fitted for {MODEL}")
    return fitted


@dataclass(frozen=True, slots=True)
class Judged:
    """What a fit says of an answer: its relevance, and the probabilities of the first hits."""

    relevance: Relevance
    each: Column


def judge(fitted: Fitted, one: Answered) -> Judged:
    """Judge an answer by a fit that it may have had no part in."""
    log_odds = float(fitted.answer.log_odds(_features_of(one.seen)))
    each = fitted.hit.log_odds(hit_features(one.seen, log_odds))[:FIRST]
    return Judged(fitted.class_of(float(probability(log_odds)), one.seen), probability(each))


def as_json(fitted: Fitted, model: str) -> str:
    """Write what `sage/retrieval/relevance/coefficients.json` holds."""
    kept = {
        "model": model,
        "answer": {"weights": fitted.answer.weights, "intercept": fitted.answer.intercept},
        "hit": {"weights": fitted.hit.weights, "intercept": fitted.hit.intercept},
        "weak_from": fitted.weak_from,
        "strong_from": fitted.strong_from,
        "weak_elsewhere_from": fitted.weak_elsewhere_from,
    }
    return json.dumps(kept, indent=2) + "\n"


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, Column]:
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _weights(answers: Sequence[Answered], shares: Shares) -> list[float]:
    """Weigh every group of questions by its share, however many questions it has."""
    counts = Counter(map(_group, answers))
    return [_share(one, shares) * _ROWS_OF_A_GROUP / counts[_group(one)] for one in answers]


def _group(one: Answered) -> Hashable:
    store = one.store
    language = LANGUAGES if store.view == LANGUAGES else store.language
    return (language, store.messages, one.question.kind, one.question.across)


def _share(one: Answered, shares: Shares) -> float:
    kind = one.question.kind
    if one.store.messages or one.store.view == LANGUAGES:
        return shares.small
    return shares.of_kind[kind] * (_ACROSS if one.question.across and kind is Kind.OWN else 1)

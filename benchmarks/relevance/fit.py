"""Fit the coefficients of the relevance on stores that are not held out."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.relevance.few_stores import FEW
from benchmarks.relevance.large_stores import LARGE
from benchmarks.relevance.logistic import fitted_logistic
from benchmarks.relevance.questions import Kind, is_chinese
from benchmarks.relevance.stores import BOTH, LANGUAGES
from benchmarks.relevance.talk import as_stored, background_of
from sage.providers.local import MODEL
from sage.retrieval.relevance.bounds import few_features, shares_words
from sage.retrieval.relevance.classification import (
    FittedModel,
    Logistic,
    fitted_model_for,
    probability,
)
from sage.retrieval.relevance.features import FIRST, answer_features, hit_features

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from benchmarks.relevance.asking import Answered
    from sage.domain.relevance import Relevance
    from sage.retrieval.ranking.evidence import FloatColumn

_TELL_TOPIC = (
    "meaning_of_all",
    "meaning_deviation",
    "meaning_lead",
    "meaning_range",
    "meaning_missed",
    "meaning_and_words",
    "around_mean",
    "rarity",
    "date_first",
    "across",
    "across_from_chinese",
    "across_among_many",
    "chinese",
    "candidates",
    "score_first",
    "score_lead",
    "dated_meaning",
    "across_meaning",
)
_TELL_ANSWER = (
    "meaning_first",
    "meaning_beside",
    "meaning_of_all",
    "meaning_deviation",
    "meaning_beyond",
    "meaning_lead",
    "around_first",
    "around_mean",
    "date_first",
    "candidates",
    "score_first",
    "dated_meaning",
    "dated_around",
    "across_meaning",
    "chinese_meaning",
    "chinese_words",
)
"""Other features were removed one by one as long as cross-validation improved."""
WEAK_FROM = 0.19
STRONG_FROM = 0.7


@dataclass(frozen=True, slots=True)
class Shares:
    """The weights of groups of questions: by kind, in parts of conversations, in other stores."""

    of_kind: Mapping[Kind, float]
    part: float
    languages: float
    large: float = 1.0
    across: float = 0.25


_OF_TOPIC = Shares(
    {Kind.OWN: 1.0, Kind.FOREIGN: 1.0, Kind.OFF_TOPIC_FIT: 6.0, Kind.ELSEWHERE: 0.35},
    part=0.3,
    languages=0.2,
    across=1.0,
)
_OF_ANSWER = Shares(
    {Kind.OWN: 1.0, Kind.FOREIGN: 1.0, Kind.OFF_TOPIC_FIT: 0.25, Kind.ELSEWHERE: 0.35},
    part=0.2,
    languages=0.2,
    large=0.5,
    across=1.0,
)
_OF_HIT = Shares(
    {Kind.OWN: 1.0, Kind.FOREIGN: 1.0, Kind.OFF_TOPIC_FIT: 0.25, Kind.ELSEWHERE: 0.3},
    part=0.1,
    languages=0.1,
    large=0.5,
)
"""The many groups of small stores, where hits are easy to classify, must not dominate."""
_OF_FEW = {FEW: 1.2, LANGUAGES: 0.3}
_OF_FEW_PARTS = 0.6
_OFF_TOPIC_OF_FEW = 0.3
_RIDGE_OF_FEW = 5.0
_FEW_CANDIDATES = 5
_RIDGE_OF_HIT = 1.0
_ROWS_OF_A_GROUP = 400
"""Total weight of a group of questions, however many it has, in rows."""


@dataclass(frozen=True, slots=True)
class _Part:
    """The parameters of the fit of one function: features, weights of questions, and ridge."""

    features: Sequence[str]
    shares: Shares
    ridge: float


_TOPIC = _Part(_TELL_TOPIC, _OF_TOPIC, 20.0)
_ANSWER = _Part(_TELL_ANSWER, _OF_ANSWER, 50.0)
_features_of = cache(answer_features)


def fitted_from(answers: Sequence[Answered]) -> FittedModel:
    """Fit the background of ordinary messages, and the functions for answers and hits.

    Own questions without an answer among the first hits are left out for answers.
    """
    many = [one for one in answers if one.store.view != FEW]
    taken = [one for one in many if one.question.kind is not Kind.OFF_TOPIC]
    telling = [one for one in taken if one.question.kind is not Kind.OWN or one.among_first]
    talks = {one.store.name: one.store.talks[0] for one in many if one.store.view == "names"}
    background = background_of(list(talks.values()))

    def fitted(rows: Sequence[Answered], truth: Sequence[bool], by: _Part) -> Logistic:
        features = [_features_of(one.seen, background) for one in rows]
        return fitted_logistic(
            {name: np.array([one[name] for one in features]) for name in by.features},
            np.array(truth, dtype=float),
            np.array(_weights(rows, by.shares)),
            by.ridge,
        )

    talked_about = [one.question.kind is not Kind.OFF_TOPIC_FIT for one in telling]
    # Few other questions without an answer are asked in another language.
    on_topic = [
        one
        for one, is_talked_about in zip(telling, talked_about, strict=True)
        if is_talked_about or one.question.across
    ]
    topic = fitted(telling, talked_about, _TOPIC)
    answer = fitted(on_topic, [one.among_first for one in on_topic], _ANSWER)
    none = Logistic({}, 0.0)
    both = FittedModel(background, topic, answer, none, none, WEAK_FROM, STRONG_FROM)
    of_hits = [
        hit_features(one.seen, both.log_odds(_features_of(one.seen, background))) for one in taken
    ]
    hit = fitted_logistic(
        {name: np.concatenate([one[name] for one in of_hits]) for name in of_hits[0]},
        np.concatenate([np.array(one.right, dtype=float) for one in taken]),
        np.repeat(_weights(taken, _OF_HIT), [len(one.right) for one in taken]),
        _RIDGE_OF_HIT,
    )
    return with_few(replace(both, hit=hit), answers)


def with_few(fitted: FittedModel, answers: Sequence[Answered]) -> FittedModel:
    """Fit the function for few candidates, on questions that share words with them."""
    taken = [
        one
        for one in answers
        if len(one.seen.meanings) <= _FEW_CANDIDATES
        and not one.store.held_out
        and one.question.kind is not Kind.OFF_TOPIC
        and (one.question.kind is not Kind.OWN or one.among_first)
        and shares_words(one.seen)
    ]
    if not taken:
        return fitted
    rows = []
    for one in taken:
        features = _features_of(one.seen, fitted.background)
        answered = fitted.log_odds(features)
        rows.append(few_features(one.seen, features, answered, is_of_kind=one.of_kind))
    groups = [
        (one.store.view, one.store.view != LANGUAGES and one.store.language, one.question.kind)
        for one in taken
    ]
    counts = Counter(groups)
    weights = [
        _OF_FEW.get(view, _OF_FEW_PARTS)
        * (_OFF_TOPIC_OF_FEW if kind is Kind.OFF_TOPIC_FIT else 1.0)
        * _ROWS_OF_A_GROUP
        / counts[view, language, kind]
        for view, language, kind in groups
    ]
    few = fitted_logistic(
        {name: np.array([row[name] for row in rows]) for name in rows[0]},
        np.array([one.among_first for one in taken], dtype=float),
        np.array(weights),
        _RIDGE_OF_FEW,
    )
    return replace(fitted, few=few)


def shipped() -> FittedModel:
    """Return the coefficients included in Sage."""
    fitted = fitted_model_for(MODEL)
    if fitted is None:
        raise LookupError(f"there are no coefficients for {MODEL}")
    return fitted


@dataclass(frozen=True, slots=True)
class Judged:
    """The relevance of an answer according to a fit, and the probabilities of its first hits."""

    relevance: Relevance
    each: FloatColumn


def judge(fitted: FittedModel, one: Answered) -> Judged:
    """Evaluate an answer by a fit, which need not include it."""
    log_odds = fitted.log_odds(_features_of(one.seen, fitted.background))
    each = fitted.hit.log_odds(hit_features(one.seen, log_odds))[:FIRST]
    return Judged(fitted.class_of(float(probability(log_odds))), probability(each))


def as_json(fitted: FittedModel, model: str) -> str:
    """Return the content of `sage/retrieval/relevance/coefficients.json`."""
    coefficients = {
        "model": model,
        "topic": asdict(fitted.topic),
        "answer": asdict(fitted.answer),
        "hit": asdict(fitted.hit),
        "few": asdict(fitted.few),
        "weak_from": fitted.weak_from,
        "strong_from": fitted.strong_from,
        "background": as_stored(fitted.background),
    }
    return json.dumps(coefficients, indent=2) + "\n"


def _weights(answers: Sequence[Answered], shares: Shares) -> list[float]:
    """Return the weights of answers: those of a group add up to its share, whatever its size."""
    counts = Counter(map(_group, answers))
    return [_share(one, shares) * _ROWS_OF_A_GROUP / counts[_group(one)] for one in answers]


def _group(one: Answered) -> Hashable:
    store = one.store
    language = LANGUAGES if store.view == LANGUAGES else store.language
    asked_in = store.language == BOTH and is_chinese(one.question.text)
    view = store.view if store.language == BOTH else ""
    return (language, view, store.messages, one.question.kind, one.question.across, asked_in)


def _share(one: Answered, shares: Shares) -> float:
    store, kind = one.store, one.question.kind
    if store.view == LANGUAGES:
        return shares.languages
    if store.messages:
        return shares.part
    of_kind = shares.of_kind[kind] * (shares.large if store.view == LARGE else 1.0)
    rare = one.question.across and kind in {Kind.OWN, Kind.FOREIGN}
    return of_kind * (shares.across if rare else 1.0)

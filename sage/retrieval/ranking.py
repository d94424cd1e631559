"""Weigh the signals into one order.

The weights of the standardised signals are in standard deviations over the candidates, those of the
others in the same unit. They were fitted as a listwise softmax on ten long conversations, each left
out once; they hold without names, in one merged store and in Chinese (tests/quality).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.distinct import first_distinct
from sage.retrieval.fusion import standard_scores, standard_scores_across, standard_scores_of_all
from sage.retrieval.signals import meaning, speakers, times, words
from sage.retrieval.signals import turn_kinds as turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.retrieval.evidence import Column, Evidence
    from sage.retrieval.questions import Question

STANDARDISED_WEIGHTS: Mapping[str, float] = {
    "meaning": 0.2,
    "surrounding_meaning": 0.6,
    "session_meaning": 0.35,
    "words": 0.15,
    "surrounding_words": 0.3,
    "session_words": 0.4,
}
PLAIN_WEIGHTS: Mapping[str, float] = {
    "speaker": 2.1,
    "date": 3.3,
    "tells_time": 2.0,
    "touches_time": 0.45,
    "asks": -0.6,
    "replies": 0.4,
    "speaks_of_self": 0.5,
}
WEIGHTS = {**STANDARDISED_WEIGHTS, **PLAIN_WEIGHTS}
SIGNALS = tuple(WEIGHTS)
_SCORE_SCALE = 2.0
_FOREIGN_HANDICAP = 0.3


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in its place. `score` is 0 to 1; `signals` are its raw values, NaN left out.

    `probability` is how likely it answers, None where that was not judged. `times` is how often
    the same was said.
    """

    memory_id: UUID
    score: float
    signals: Mapping[str, float]
    probability: float | None = None
    times: int = 1


def ranked(evidence: Evidence, question: Question, n: int) -> list[Ranked]:
    """Order the candidates and give the first `n`, the best first; of equal ones the newer first.

    What was said several times in the same words is given once, as it was said last; a question is
    given more often, since its answers may differ.

    The score is the logistic function of half the weighted sum: 0.5 is a candidate like the
    average of those read for this question. Scores of two questions cannot be compared.
    """
    if not len(evidence.candidates):
        return []
    columns = signals_of(evidence, question)
    total = np.zeros(len(evidence.candidates))
    for name, column in _on_one_scale(evidence, columns).items():
        total += WEIGHTS[name] * column
    if evidence.foreign is not None:
        total -= _FOREIGN_HANDICAP * evidence.foreign[evidence.candidates]
    told_at = evidence.found.created_at[evidence.candidates].astype(np.int64)
    scores = 1 / (1 + np.exp(-total / _SCORE_SCALE))
    order = np.lexsort((-told_at, -total))
    best, score_of, times = first_distinct(evidence, order, n)
    memory_ids = evidence.found.memory_id[evidence.candidates[best]].tolist()
    values = np.stack([*columns.values()], axis=1)[best].tolist()
    signals = (
        {name: value for name, value in zip(columns, line, strict=True) if not math.isnan(value)}
        for line in values
    )
    places = zip(memory_ids, scores[score_of].tolist(), signals, times, strict=True)
    return [Ranked(one, score, of, times=count) for one, score, of, count in places]


def compared(signals: Sequence[Mapping[str, float]]) -> list[float]:
    """Return scores, 0 to 1, of memories of several answers to one question, by their signals."""
    total = np.zeros(len(signals))
    for name, weight in WEIGHTS.items():
        column = np.array([one.get(name, math.nan) for one in signals], dtype=np.float64)
        scaled = standard_scores(column) if name in STANDARDISED_WEIGHTS else np.nan_to_num(column)
        total += weight * scaled
    scores: list[float] = (1 / (1 + np.exp(-total / _SCORE_SCALE))).tolist()
    return scores


def signals_of(evidence: Evidence, question: Question) -> dict[str, Column]:
    """Compute every signal: one value a candidate, NaN where there is none."""
    terms = question.words.terms
    topic = [terms.index(term) for term in question.topic_terms if term in terms]
    named = [place for place in range(len(terms)) if place not in topic]
    mentions = (evidence.term_ranks[:, named] > 0).any(axis=1).astype(float)
    return {
        **_meanings_of(evidence),
        "words": words.turn_words(evidence),
        "surrounding_words": words.surrounding_words(evidence, topic),
        "session_words": evidence.best_of_session(words.turn_rarity(evidence, topic)),
        "speaker": speakers.said_by(evidence, question.names, mentions),
        "date": times.near_dates(evidence, question.dates, question.timezone),
        "tells_time": times.tells_time(evidence, asks_when=question.asks_when),
        "touches_time": times.touches_time(evidence, asks_when=question.asks_when),
        "asks": turns.asks(evidence),
        "replies": turns.replies(evidence),
        "speaks_of_self": turns.speaks_of_self(evidence),
    }


def _meanings_of(evidence: Evidence) -> dict[str, Column]:
    return {
        "meaning": meaning.turn_meaning(evidence),
        "surrounding_meaning": meaning.surrounding_meaning(evidence),
        "session_meaning": evidence.best_of_session(evidence.cosines),
    }


def _on_one_scale(evidence: Evidence, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Standardise the columns whose weights are in standard deviations; leave the others."""
    if evidence.foreign is None or evidence.apart is None:
        scores = standard_scores_of_all([columns[name] for name in STANDARDISED_WEIGHTS])
        return {**columns, **dict(zip(STANDARDISED_WEIGHTS, scores, strict=True))}
    foreign = evidence.foreign[evidence.candidates]
    apart = _meanings_of(evidence.apart)
    return {
        name: standard_scores_across(column, apart.get(name), foreign)
        if name in STANDARDISED_WEIGHTS
        else column
        for name, column in columns.items()
    }

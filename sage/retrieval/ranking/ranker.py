"""Sum weighted signals into one order, in which repeated messages take only one place.

The weights of standardized signals are per standard deviation over the candidates, those of the
others per unit. They were fitted as a listwise softmax on ten long conversations, leaving each out
once; they also hold without names, in one merged store and in Chinese (tests/quality).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.message_class import MessageClass
from sage.retrieval.ranking.evidence import numbers
from sage.retrieval.ranking.signals import meaning, times, turns, words
from sage.retrieval.ranking.standardization import (
    standard_scores,
    standard_scores_across,
    standard_scores_of_all,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.retrieval.query.questions import Question
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn

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
_OTHER_LANGUAGE_HANDICAP = 0.3
OTHER_LANGUAGE = "other_language"
"""The name of the handicap of another language among the contributions."""
MAX_ANSWERS = 3
"""The maximum occurrences of a question whose answers may differ."""
_ASKING = [one.code for one in MessageClass if one.asks]
_SAME = 0.98
"""The cosine from which two texts are equal: above that of a changed number or name."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in its place. `score` is 0 to 1; `signals` are its raw values, without NaN.

    `probability` is that of being an answer, None if unknown. `times` is how often the same text
    occurred. `contributions` are the summands of the score, if an explanation was requested; those
    of another candidate if that one gave it its place. `stands_for` is the candidate that was
    found, if this one is shown in its place.
    """

    memory_id: UUID
    score: float
    signals: Mapping[str, float]
    probability: float | None = None
    times: int = 1
    contributions: Mapping[str, float] = field(default_factory=dict)
    stands_for: UUID | None = None

    def at_place_of(self, other: Ranked) -> Ranked:
        """Return it with the score of the place of another candidate."""
        return replace(self, score=other.score, contributions=other.contributions)

    def replaced_by(self, memory_id: UUID) -> Ranked:
        """Return its place with another memory, which is shown instead."""
        return replace(self, memory_id=memory_id, times=1, stands_for=self.memory_id)


def rank_candidates(
    evidence: Evidence, question: Question, n: int, *, explains: bool = False
) -> list[Ranked]:
    """Return the first `n` candidates in order, best first; of equal ones the newer first.

    A text that occurs several times is returned once, at its latest occurrence; a question is
    returned more often, since its answers may differ. Of near-duplicates the newer comes first.

    The score is the logistic function of half the weighted sum: 0.5 is a candidate like the average
    of those read for this question. Scores of different questions cannot be compared. With
    `explains`, each candidate has the summands of its score.
    """
    if not len(evidence.candidates):
        return []
    columns = signals_of(evidence, question)
    added = {
        name: WEIGHTS[name] * column for name, column in _on_one_scale(evidence, columns).items()
    }
    if evidence.other_language is not None:
        added[OTHER_LANGUAGE] = -_OTHER_LANGUAGE_HANDICAP * numbers(
            evidence.other_language[evidence.candidates]
        )
    total = np.zeros(len(evidence.candidates))
    for part in added.values():
        total += part
    said_at = evidence.found.created_at[evidence.candidates].astype(np.int64)
    scores = 1 / (1 + np.exp(-total / _SCORE_SCALE))
    order = np.lexsort((-said_at, -total))
    best, score_of, times = _first_distinct(evidence, order, n)
    memory_ids = evidence.found.memory_id[evidence.candidates[best]].tolist()
    values = np.stack([*columns.values()], axis=1)[best].tolist()
    signals = (
        {name: value for name, value in zip(columns, line, strict=True) if not math.isnan(value)}
        for line in values
    )
    places = zip(memory_ids, scores[score_of].tolist(), signals, times, strict=True)
    line = [Ranked(one, score, of, times=count) for one, score, of, count in places]
    if explains:
        parts = np.stack([*added.values()], axis=1)[score_of].tolist()
        line = [
            replace(one, contributions=dict(zip(added, of, strict=True)))
            for one, of in zip(line, parts, strict=True)
        ]
    return _newest_first(evidence, line)


def score_by_signals(signals: Sequence[Mapping[str, float]]) -> list[float]:
    """Return scores, 0 to 1, of the hits of several answers to one question, by their signals."""
    total = np.zeros(len(signals))
    for name, weight in WEIGHTS.items():
        column = np.array([one.get(name, math.nan) for one in signals], dtype=np.float64)
        scaled = standard_scores(column) if name in STANDARDISED_WEIGHTS else np.nan_to_num(column)
        total += weight * scaled
    scores: list[float] = (1 / (1 + np.exp(-total / _SCORE_SCALE))).tolist()
    return scores


def signals_of(evidence: Evidence, question: Question) -> dict[str, FloatColumn]:
    """Compute every signal: one value per candidate, NaN if it has none."""
    terms = question.words.terms
    topic = [terms.index(term) for term in question.topic_terms if term in terms]
    named = [place for place in range(len(terms)) if place not in topic]
    mentions = (evidence.term_ranks[:, named] > 0).any(axis=1).astype(float)
    return {
        **_meanings_of(evidence),
        "words": words.turn_words(evidence),
        "surrounding_words": words.surrounding_words(evidence, topic),
        "session_words": evidence.best_of_session(words.turn_rarity(evidence, topic)),
        "speaker": turns.said_by(evidence, question.names, mentions),
        "date": times.near_dates(evidence, question.dates, question.timezone),
        "tells_time": times.tells_time(evidence, asks_when=question.asks_when),
        "touches_time": times.touches_time(evidence, asks_when=question.asks_when),
        "asks": turns.asks(evidence),
        "replies": turns.replies(evidence),
        "speaks_of_self": turns.speaks_of_self(evidence),
    }


def _meanings_of(evidence: Evidence) -> dict[str, FloatColumn]:
    return {
        "meaning": meaning.turn_meaning(evidence),
        "surrounding_meaning": meaning.surrounding_meaning(evidence),
        "session_meaning": evidence.best_of_session(evidence.cosines),
    }


def _on_one_scale(evidence: Evidence, columns: Mapping[str, FloatColumn]) -> dict[str, FloatColumn]:
    """Standardise the columns whose weights are in standard deviations; leave the others."""
    if evidence.other_language is None or evidence.debiased is None:
        scores = standard_scores_of_all([columns[name] for name in STANDARDISED_WEIGHTS])
        return {**columns, **dict(zip(STANDARDISED_WEIGHTS, scores, strict=True))}
    other_language = evidence.other_language[evidence.candidates]
    debiased = _meanings_of(evidence.debiased)
    return {
        name: standard_scores_across(column, debiased.get(name), other_language)
        if name in STANDARDISED_WEIGHTS
        else column
        for name, column in columns.items()
    }


def _first_distinct(
    evidence: Evidence, order: NDArray[np.intp], n: int
) -> tuple[list[int], list[int], list[int]]:
    """Return the first `n` distinct candidates, and the candidates whose places they have.

    `order` are indexes of candidates, best first. Of equal texts of one speaker the newest has the
    place of the best; of equal questions the newest three have places. The third list is the number
    of occurrences of each.
    """
    rows = evidence.candidates[order]
    found = evidence.found
    said = found.said[rows].tolist()
    keys = [
        (text, role, name) if text else place
        for place, (text, role, name) in enumerate(
            zip(said, found.role[rows].tolist(), found.name[rows].tolist(), strict=True)
        )
    ]
    if len(set(keys)) == len(keys):
        first = order[:n].tolist()
        return first, first, [1] * len(first)
    alike: dict[object, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        alike[key].append(place)
    said_at, asks = found.created_at[rows], np.isin(found.class_code[rows], _ASKING)
    taken: list[tuple[int, int, int]] = []
    for places in alike.values():
        newest = sorted(places, key=lambda place: said_at[place], reverse=True)
        kept = MAX_ANSWERS if asks[places[0]] else 1
        count = 1 if kept > 1 else len(places)
        taken += [(at, one, count) for at, one in zip(places[:kept], newest, strict=False)]
    taken = sorted(taken)[:n]
    ranks = order.tolist()
    return (
        [ranks[one] for _, one, _ in taken],
        [ranks[at] for at, _, _ in taken],
        [count for _, _, count in taken],
    )


def _newest_first(evidence: Evidence, best: Sequence[Ranked]) -> list[Ranked]:
    """Return the hits, near-duplicates ordered newest first within their places.

    The places of all other hits stay as they are, and each place keeps its score.
    """
    if evidence.vectors is None or len(best) < 2:  # noqa: PLR2004 - one alone repeats nothing
        return list(best)
    rows = evidence.candidates[[evidence.position_of[hit.memory_id] for hit in best]]
    vectors = evidence.vectors[rows]
    same = vectors @ vectors.T >= _SAME
    if same.sum() == same.trace():
        return list(best)
    said_at = evidence.found.created_at[rows]
    ordered = list(best)
    settled: set[int] = set()
    for place in range(len(best)):
        alike = [other for other in np.flatnonzero(same[place]).tolist() if other not in settled]
        if place in settled or len(alike) < 2:  # noqa: PLR2004
            continue
        settled.update(alike)
        newest = sorted(alike, key=lambda other: said_at[other], reverse=True)
        for at, hit in zip(alike, newest, strict=True):
            ordered[at] = best[hit].at_place_of(best[at])
    return ordered

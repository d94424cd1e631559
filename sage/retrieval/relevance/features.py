"""What tells whether the first hits answer: raw evidence that compares between questions.

Signals of the ranking are standardised over the candidates of one question and always have a best
one. These are not: cosines less what is owed to the language, and the share of the question that
was said, rare words the heavier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.evidence import REACH, numbers
from sage.retrieval.signals.words import rarity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sage.retrieval.cross_language import Languages
    from sage.retrieval.evidence import Column, Evidence
    from sage.retrieval.questions import Question
    from sage.retrieval.ranking import Ranked

FIRST = 5
"""How many of the hits are judged together."""
_LEADS_OVER = 20
_MANY = 30
_DATED = ("meaning_best", "around_best")
_ACROSS = ("meaning_best",)
_CHINESE = ("meaning_best", "meaning_mean", "around_best", "unknown_words", "words_mean")


@dataclass(frozen=True, slots=True, eq=False)
class HitEvidence:
    """Raw evidence of the hits, best first: one value a hit.

    `meaning` is the cosine without the languages, 0 without a vector. `words` is the share of the
    question in the words of the hit, `around` in those of its surroundings as well, `weight` the
    sum it is a share of. `date` is how near it is to a date of the question, `asks` whether it ends
    in a question, `across` whether it is in the other language; `score` are the log odds of the
    score that orders it, and `embedded` whether it has a vector.
    """

    meaning: Column
    words: Column
    around: Column
    weight: Column
    date: Column
    asks: Column
    across: Column
    score: Column
    embedded: NDArray[np.bool_]


def hit_evidence(
    evidence: Evidence, question: Question, best: Sequence[Ranked], meanings: Column
) -> HitEvidence:
    """Gather the evidence of the hits. `meanings` has one value a candidate."""
    ids = evidence.found.memory_id[evidence.candidates]
    place_of = {memory_id: place for place, memory_id in enumerate(ids)}
    places = np.array([place_of[hit.memory_id] for hit in best], dtype=np.intp)
    ranks, weights = _spoken(evidence, question)
    around = np.sum([evidence.at(distance, ranks) for distance in range(-REACH, REACH + 1)], axis=0)
    own = (ranks[evidence.candidates][places] > 0) @ weights
    total = weights.sum() or 1.0
    across = np.zeros(len(best))
    if evidence.foreign is not None:
        across = numbers(evidence.foreign[evidence.candidates][places])
    return HitEvidence(
        meaning=meanings[places],
        words=own / total,
        around=(around[places] > 0) @ weights / total,
        weight=own,
        date=np.array([hit.signals["date"] for hit in best]),
        asks=np.array([hit.signals["asks"] for hit in best]),
        score=_log_odds(np.array([hit.score for hit in best])),
        across=across,
        embedded=~np.isnan(evidence.cosines[evidence.candidates][places]),
    )


def answer_features(
    evidence: Evidence, question: Question, hits: HitEvidence, meanings: Column
) -> dict[str, float]:
    """Return what tells whether one of the first hits answers."""
    first = slice(0, FIRST)
    ranks, weights = _spoken(evidence, question)
    unknown = weights[~(ranks > 0).any(axis=0)].sum() / (weights.sum() or 1.0)
    ordered = np.sort(meanings)[::-1]
    meaning, around = hits.meaning[first], hits.around[first]
    dated = float(bool(question.dates))
    across = float(hits.across[0])
    chinese = question.language * (1 - across)
    # Scores are standardised over the candidates: the fewer there are, the less they say.
    standing = len(meanings) / (len(meanings) + _MANY)
    plain = {
        "meaning_first": meaning[0],
        "meaning_best": meaning.max(),
        "meaning_mean": meaning.mean(),
        "meaning_of_all": ordered.mean(),
        "meaning_lead": ordered[0] - ordered[min(_LEADS_OVER, len(ordered) - 1)],
        "words_best": hits.words[first].max(),
        "words_mean": hits.words[first].mean(),
        "weight_best": hits.weight[first].max(),
        "around_first": around[0],
        "around_best": around.max(),
        "around_mean": around.mean(),
        "unknown_words": unknown,
        "meaning_and_words": (meaning * around).max(),
        "date_first": hits.date[0],
        "dated": dated,
        "date_missed": dated * (1 - hits.date[first].max()),
        "across": across,
        "chinese": chinese,
        "candidates": standing,
        "score_first": standing * hits.score[0],
        "score_lead": standing * (hits.score[0] - hits.score[first][-1]),
    }
    together = {
        f"{condition} {name}": value * plain[name]
        for condition, value, names in (
            ("dated", dated, _DATED),
            ("across", across, _ACROSS),
            ("chinese", chinese, _CHINESE),
        )
        for name in names
    }
    return {name: float(value) for name, value in (plain | together).items()}


def hit_features(hits: HitEvidence, answered: float) -> Mapping[str, Column]:
    """Return what tells whether each hit answers, where `answered` are the log odds of any."""
    first = slice(0, FIRST)
    return {
        "answered": np.full(len(hits.meaning), answered),
        "rank": np.log(np.arange(1, len(hits.meaning) + 1)),
        "meaning_behind": hits.meaning - hits.meaning[first].max(),
        "words_behind": hits.words - hits.words[first].max(),
        "around_behind": hits.around - hits.around[first].max(),
        "date": hits.date,
        "asks": hits.asks,
        "across": hits.across,
    }


def meanings_of(evidence: Evidence, question: Question, languages: Languages) -> Column | None:
    """Return the cosine of each candidate less the languages, 0 where it has no vector.

    None where none of them has one.
    """
    if evidence.vectors is None or evidence.question is None:
        return None
    vectors = evidence.vectors[evidence.candidates]
    cosines = languages.cosines_apart(vectors, evidence.question, question.language)
    if np.isnan(cosines).all():
        return None
    return np.nan_to_num(cosines)


def _log_odds(scores: Column) -> Column:
    near_one = np.clip(scores, 1e-9, 1 - 1e-9)
    odds: Column = np.log(near_one / (1 - near_one))
    return odds


def _spoken(evidence: Evidence, question: Question) -> tuple[Column, Column]:
    """Return the ranks of the words of the topic, without keys of dates, and their rarity."""
    terms = question.words.terms
    topic = set(question.topic_terms)
    spoken = [at for at, term in enumerate(terms) if term in topic and not term.startswith("@")]
    ranks = evidence.term_ranks[:, spoken]
    return ranks, rarity(ranks)

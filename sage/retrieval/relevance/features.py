"""Features that show whether the first hits answer: evidence comparable between questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.ranking.signals.words import rarity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.retrieval.ranking.evidence import FloatColumn
    from sage.retrieval.relevance.background import Background
    from sage.retrieval.relevance.hit_evidence import HitEvidence

FIRST = 5
"""The number of hits that are classified together."""
_LEADS_OVER, _FAR = 20, 100
_MANY = 30


def answer_features(evidence: HitEvidence, background: Background) -> dict[str, float]:
    """Return the features that show whether one of the first hits answers."""
    first = slice(0, FIRST)
    words, surrounding = _shares(evidence)
    ordered = np.sort(evidence.meanings)[::-1]
    meaning, around = evidence.meaning[first], surrounding[first]
    best, last = meaning.max(), len(ordered) - 1
    dated, across = float(evidence.dated), float(evidence.across[0])
    chinese = evidence.chinese * (1 - across)
    language = int(evidence.chinese != bool(across))
    expected, deviation, beside = background.cosines(
        evidence.question, evidence.first_hit, language
    )
    # Scores are standardised over the candidates: the fewer there are, the less they say.
    standing = len(ordered) / (len(ordered) + _MANY)
    features = {
        "meaning_first": meaning[0],
        "meaning_beside": beside,
        "meaning_of_all": ordered.mean(),
        "meaning_deviation": deviation,
        "meaning_beyond": (best - expected) / deviation,
        "meaning_lead": ordered[0] - ordered[min(_LEADS_OVER, last)],
        "meaning_range": ordered[0] - ordered[min(_FAR, last)],
        "meaning_missed": ordered[0] - best,
        "meaning_and_words": (meaning * around).max(),
        "around_first": around[0],
        "around_mean": around.mean(),
        "rarity": np.log1p(rarity_of(evidence.holders, evidence.rows).sum()),
        "date_first": evidence.date[0],
        "across": across,
        "across_from_chinese": across * evidence.chinese,
        "across_among_many": across * evidence.chinese * standing,
        "chinese": chinese,
        "candidates": standing,
        "score_first": standing * evidence.score[0],
        "score_lead": standing * (evidence.score[0] - evidence.score[first][-1]),
        "dated_meaning": dated * best,
        "dated_around": dated * around.max(),
        "across_meaning": across * best,
        "chinese_meaning": chinese * meaning.mean(),
        "chinese_words": chinese * words[first].mean(),
    }
    return {name: float(value) for name, value in features.items()}


def hit_features(evidence: HitEvidence, answered: float) -> Mapping[str, FloatColumn]:
    """Return the features that show whether each hit answers; `answered`: the log odds of any."""
    first = slice(0, FIRST)
    words, around = _shares(evidence)
    return {
        "answered": np.full(len(evidence.meaning), answered),
        "unanswered": np.full(len(evidence.meaning), min(answered, 0.0)),
        "rank": np.log(np.arange(1, len(evidence.meaning) + 1)),
        "meaning_behind": evidence.meaning - evidence.meaning[first].max(),
        "words_behind": words - words[first].max(),
        "around_behind": around - around[first].max(),
        "date": evidence.date,
        "asks": evidence.asks,
        "across": evidence.across,
        "chinese": np.abs(float(evidence.chinese) - evidence.across),
    }


def _shares(evidence: HitEvidence) -> tuple[FloatColumn, FloatColumn]:
    """Return the share of the question's words in each hit, and in it and its surroundings."""
    rare = rarity_of(evidence.holders, evidence.rows)
    total = rare.sum() or 1.0
    return evidence.own @ rare / total, evidence.around @ rare / total

"""What tells whether the first hits answer: raw evidence that compares between questions.

Signals of the ranking are standardised over the candidates of one question and always have a best
one. These are not: cosines less what is owed to the language, and the share of the question that
was said, rare words the heavier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.signals.words import rarity_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.retrieval.evidence import Column
    from sage.retrieval.relevance.seen import Seen

FIRST = 5
"""How many of the hits are judged together."""
_LEADS_OVER = 20
_MANY = 30
_DATED = ("meaning_best", "around_best")
_ACROSS = ("meaning_best",)
_CHINESE = ("meaning_best", "meaning_mean", "around_best", "unknown_words", "words_mean")


def answer_features(seen: Seen) -> dict[str, float]:
    """Return what tells whether one of the first hits answers."""
    first = slice(0, FIRST)
    rare = rarity_of(seen.holders, seen.rows)
    words, surrounding = _shares(seen)
    unknown = rare[seen.holders == 0].sum() / (rare.sum() or 1.0)
    ordered = np.sort(seen.meanings)[::-1]
    meaning, around = seen.meaning[first], surrounding[first]
    dated = float(seen.dated)
    across = float(seen.across[0])
    chinese = seen.chinese * (1 - across)
    # Scores are standardised over the candidates: the fewer there are, the less they say.
    standing = len(ordered) / (len(ordered) + _MANY)
    plain = {
        "meaning_first": meaning[0],
        "meaning_best": meaning.max(),
        "meaning_mean": meaning.mean(),
        "meaning_of_all": ordered.mean(),
        "meaning_lead": ordered[0] - ordered[min(_LEADS_OVER, len(ordered) - 1)],
        "words_best": words[first].max(),
        "words_mean": words[first].mean(),
        "weight_best": (seen.own[first] @ rare).max(),
        "around_first": around[0],
        "around_best": around.max(),
        "around_mean": around.mean(),
        "unknown_words": unknown,
        "meaning_and_words": (meaning * around).max(),
        "date_first": seen.date[0],
        "dated": dated,
        "date_missed": dated * (1 - seen.date[first].max()),
        "across": across,
        "chinese": chinese,
        "candidates": standing,
        "score_first": standing * seen.score[0],
        "score_lead": standing * (seen.score[0] - seen.score[first][-1]),
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


def hit_features(seen: Seen, answered: float) -> Mapping[str, Column]:
    """Return what tells whether each hit answers, where `answered` are the log odds of any.

    How much more likely a hit is where something answers is not how much less where nothing does:
    `unanswered` lets the two differ.
    """
    first = slice(0, FIRST)
    words, around = _shares(seen)
    return {
        "answered": np.full(len(seen.meaning), answered),
        "unanswered": np.full(len(seen.meaning), min(answered, 0.0)),
        "rank": np.log(np.arange(1, len(seen.meaning) + 1)),
        "meaning_behind": seen.meaning - seen.meaning[first].max(),
        "words_behind": words - words[first].max(),
        "around_behind": around - around[first].max(),
        "date": seen.date,
        "asks": seen.asks,
        "across": seen.across,
        "chinese": np.abs(float(seen.chinese) - seen.across),
    }


def _shares(seen: Seen) -> tuple[Column, Column]:
    """Return the share of the question in each hit, and in its surroundings as well."""
    rare = rarity_of(seen.holders, seen.rows)
    total = rare.sum() or 1.0
    return seen.own @ rare / total, seen.around @ rare / total

"""Standardize signals of different scales, and candidates of different languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Scores = NDArray[np.float64]


_MIN_OWN = 20
_AMONG_OTHER_LANGUAGE = 0.6


def standard_scores(values: Scores, among: NDArray[np.bool_] | None = None) -> Scores:
    """Return each value as its distance from the mean, in standard deviations.

    Mean and deviation are those of all values, or of those that `among` marks.

    A missing value (NaN) neither helps nor harms: it becomes 0, as do all values if they are equal
    and so carry no information.
    """
    missing = np.isnan(values)
    known = values[~missing if among is None else ~missing & among]
    spread = float(known.std()) if known.size else 0.0
    if spread < np.finfo(np.float32).eps:
        return np.zeros_like(values)
    scores: Scores = (values - known.mean()) / spread
    scores[missing] = 0
    return scores


def standard_scores_of_all(columns: Sequence[Scores]) -> Sequence[Scores]:
    """Return the standard scores of each column; computed at once, which is faster, without NaN."""
    scores = np.stack(columns)
    scores -= scores.mean(axis=1, keepdims=True)
    spreads = np.sqrt((scores * scores).mean(axis=1, keepdims=True))
    if not (spreads >= np.finfo(np.float32).eps).all():  # NaN where a value is missing
        return [standard_scores(column) for column in columns]
    scores /= spreads
    return [*scores]


def standard_scores_across(
    values: Scores, debiased: Scores | None, other_language: NDArray[np.bool_]
) -> Scores:
    """Return standard scores of candidates of which some are in another language than the question.

    `debiased` are the values without the influence of the language, None for counts of words: then
    a candidate in another language without a shared word is neither helped nor harmed. Candidates
    in the language of the question get what they would get alone, unless they are too few to
    compare with. One in another language must stand out among its own language and among that of
    the question.
    """
    own = ~other_language
    if own.sum() < _MIN_OWN:
        own = np.ones_like(other_language)
        values = values if debiased is None else debiased
    here = standard_scores(values, own)
    if debiased is None:
        return np.where(other_language & (values == 0), 0.0, here)
    there = standard_scores(debiased, own)
    there += _AMONG_OTHER_LANGUAGE * (standard_scores(debiased, other_language) - there)
    return np.where(other_language, there, here)

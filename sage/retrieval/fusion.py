"""Bring signals of different scales together: standard scores, weighted sums, neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Scores = NDArray[np.float64]


def standard_scores(values: Scores) -> Scores:
    """Give each value as its distance from the mean in standard deviations.

    Values that are all equal say nothing and become 0; NaN (no value) becomes the lowest score.
    """
    known = values[~np.isnan(values)]
    spread = float(known.std()) if known.size else 0.0
    if spread == 0.0:
        return np.zeros_like(values)
    scores: Scores = (values - known.mean()) / spread
    return np.where(np.isnan(scores), np.nanmin(scores), scores)


def weighted_sum(signals: Mapping[str, Scores], weights: Mapping[str, float]) -> Scores:
    """Add signals of one length, each times its weight."""
    total: Scores = np.sum([weights[name] * scores for name, scores in signals.items()], axis=0)
    return total


def smoothed(scores: Scores, neighbours: Sequence[Sequence[int]], weight: float) -> Scores:
    """Add to each score `weight` times the scores of its neighbours, given as positions."""
    return np.array(
        [
            score + weight * sum(scores[position] for position in around)
            for score, around in zip(scores, neighbours, strict=True)
        ]
    )

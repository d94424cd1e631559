"""Bring signals of different scales together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]


def standard_scores(values: Scores) -> Scores:
    """Give each value as its distance from the mean, in standard deviations.

    A value that is missing (NaN) neither helps nor harms: it becomes 0, as do all values where
    they are equal and so say nothing.
    """
    missing = np.isnan(values)
    known = values[~missing]
    spread = float(known.std()) if known.size else 0.0
    if spread < np.finfo(np.float32).eps:
        return np.zeros_like(values)
    scores: Scores = (values - known.mean()) / spread
    scores[missing] = 0
    return scores

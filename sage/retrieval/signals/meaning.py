"""Closeness of meaning: of the turn itself, and of the turn in its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sage.retrieval.evidence import Column, Evidence

_WEIGHT_BY_DISTANCE = {-2: 0.25, -1: 0.5, 0: 1.0, 1: 0.5, 2: 0.25}


def turn_meaning(evidence: Evidence) -> Column:
    """Give the cosine of each candidate to the question; NaN without a vector."""
    return evidence.cosines[: evidence.candidates]


def surrounding_meaning(evidence: Evidence) -> Column:
    """Give the mean cosine of each candidate and its neighbours, the nearer the heavier."""
    weighted = np.zeros(evidence.candidates)
    weights = np.zeros(evidence.candidates)
    for distance, weight in _WEIGHT_BY_DISTANCE.items():
        cosines = evidence.at(distance, evidence.cosines)
        known = ~np.isnan(cosines)
        weighted += np.where(known, weight * cosines, 0)
        weights += weight * known
    means: Column = np.full(evidence.candidates, np.nan)
    np.divide(weighted, weights, out=means, where=weights > 0)
    return means

"""Closeness of meaning: of the turn itself, and of the turn in its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sage.retrieval.evidence import Column, Evidence

_WEIGHT_BY_DISTANCE = {-2: 0.25, -1: 0.5, 0: 1.0, 1: 0.5, 2: 0.25}


def turn_meaning(evidence: Evidence) -> Column:
    """Return the cosine of each candidate to the question; NaN without a vector."""
    return evidence.cosines[evidence.candidates]


def surrounding_meaning(evidence: Evidence) -> Column:
    """Return the cosine of the weighted mean vector around each candidate to the question, or NaN.

    A turn such as "Yes, last week!" means little by itself: it is found by what it replies to.
    """
    if evidence.vectors is None or evidence.question is None:
        return np.full(len(evidence.candidates), np.nan)
    known = evidence.vectors
    missing = np.isnan(known[:, 0])
    if missing.any():
        known = known.copy()
        known[missing] = 0
    means = np.zeros((len(evidence.candidates), known.shape[1]), dtype=known.dtype)
    for distance, weight in _WEIGHT_BY_DISTANCE.items():
        around = evidence.at(distance, known)
        around *= weight
        means += around
    lengths = np.sqrt(np.einsum("ij,ij->i", means, means))
    cosines: Column = np.full(len(lengths), np.nan)
    np.divide(means @ evidence.question, lengths, out=cosines, where=lengths > 0)
    return cosines

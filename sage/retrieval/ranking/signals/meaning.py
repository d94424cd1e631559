"""Closeness of meaning: of the turn itself, and of the turn in its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn

_HALF = 0.5


def turn_meaning(evidence: Evidence) -> FloatColumn:
    """Return the cosine of each candidate to the question; NaN without a vector."""
    return evidence.cosines[evidence.candidates]


def surrounding_meaning(evidence: Evidence) -> FloatColumn:
    """Return the cosine of the weighted mean vector around each candidate to the question, or NaN.

    A turn such as "Yes, last week!" means little by itself: it is found by the turn it replies to.
    """
    if evidence.vectors is None or evidence.question is None:
        return np.full(len(evidence.candidates), np.nan)
    known = evidence.vectors
    missing = np.isnan(known[:, 0])
    if missing.any():
        known = known.copy()
        known[missing] = 0
    means = evidence.at(-2, known)  # each half as much as the one nearer to the turn
    for distance in (-1, 0):
        means *= _HALF
        means += evidence.at(distance, known)
    for distance in (1, 2):
        after = evidence.at(distance, known)
        after *= _HALF**distance
        means += after
    lengths = np.sqrt(np.einsum("ij,ij->i", means, means))
    cosines: FloatColumn = np.full(len(lengths), np.nan)
    np.divide(means @ evidence.question, lengths, out=cosines, where=lengths > 0)
    return cosines

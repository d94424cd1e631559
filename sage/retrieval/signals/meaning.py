"""Closeness of meaning: of the turn itself, and of the turn in its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.evidence import numbers

if TYPE_CHECKING:
    from sage.retrieval.evidence import Column, Evidence


def turn_meaning(evidence: Evidence) -> Column:
    """Give the cosine of each candidate to the question; NaN without a vector."""
    return evidence.cosines[evidence.candidates]


def surrounding_meaning(evidence: Evidence) -> Column:
    """Give the cosine of the mean vector around each candidate to the question, or NaN.

    A turn such as "Yes, last week!" means little by itself: it is found by what it replies to.
    """
    return numbers(evidence.found.surrounding_cosine)[evidence.candidates]

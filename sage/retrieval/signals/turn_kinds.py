"""What kind of turn it is: a question answers little, the turn after a question a lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.retrieval.evidence import numbers

if TYPE_CHECKING:
    from sage.retrieval.evidence import Column, Evidence


def asks(evidence: Evidence) -> Column:
    """Return 1 for turns that end in a question."""
    return numbers(evidence.found.asks)[evidence.candidates]


def replies(evidence: Evidence) -> Column:
    """Return 1 for turns right after one that ends in a question."""
    return evidence.at(-1, numbers(evidence.found.asks))


def speaks_of_self(evidence: Evidence) -> Column:
    """Return 1 for turns in the first person: they tell of the speaker's own life."""
    return numbers(evidence.found.speaks_of_self)[evidence.candidates]

"""Measure whether Sage knows that it does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.relevance import Relevance

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Abstention:
    """How many questions have no answer and how many have one.

    The shares are of those whose relevance was `none`: of the first all should be, of the others
    not one.
    """

    unanswerable: int
    unanswerable_none: float
    answerable: int
    answerable_none: float


def abstention(
    unanswerable: Sequence[Relevance], answerable: Sequence[Relevance]
) -> Abstention | None:
    """Count for which questions nothing relevant was found; None without unanswerable ones."""
    if not unanswerable:
        return None
    return Abstention(
        len(unanswerable), _share_of_none(unanswerable), len(answerable), _share_of_none(answerable)
    )


def _share_of_none(found: Sequence[Relevance]) -> float:
    return round(found.count(Relevance.NONE) / len(found), 4) if found else 0.0

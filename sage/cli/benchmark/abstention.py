"""Measure how well Sage recognizes unanswerable questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.relevance import Relevance

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Abstention:
    """The numbers of unanswerable and answerable questions, and the shares of relevance `none`.

    A share is best at 1 for unanswerable questions, and at 0 for answerable ones.
    """

    unanswerable: int
    unanswerable_none: float
    answerable: int
    answerable_none: float


def abstention(
    unanswerable: Sequence[Relevance], answerable: Sequence[Relevance]
) -> Abstention | None:
    """Count the questions with relevance `none`; return None without unanswerable questions."""
    if not unanswerable:
        return None
    return Abstention(
        len(unanswerable), _share_of_none(unanswerable), len(answerable), _share_of_none(answerable)
    )


def _share_of_none(found: Sequence[Relevance]) -> float:
    return round(found.count(Relevance.NONE) / len(found), 4) if found else 0.0

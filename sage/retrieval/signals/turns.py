"""What kind of turn it is: a question answers little, the turn after a question a lot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sage.retrieval.evidence import Column, Evidence


def asks(evidence: Evidence) -> Column:
    """Give 1 for turns that end in a question."""
    return _asking(evidence)[: evidence.candidates]


def replies(evidence: Evidence) -> Column:
    """Give 1 for turns right after one that ends in a question."""
    return np.nan_to_num(evidence.at(-1, _asking(evidence)))


def speaks_of_self(evidence: Evidence) -> Column:
    """Give 1 for turns in the first person: they tell of the speaker's own life."""
    turns = evidence.rows[: evidence.candidates]
    return np.array([row.speaks_of_self for row in turns], dtype=float)


def _asking(evidence: Evidence) -> Column:
    return np.array([row.asks for row in evidence.rows], dtype=float)

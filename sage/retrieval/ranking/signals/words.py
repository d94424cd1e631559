"""Shared words: of the turn, and of the turns around it taken as one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sage.retrieval.ranking.evidence import Evidence, FloatColumn

_SATURATION = 1.2


def turn_words(evidence: Evidence) -> FloatColumn:
    """Return each candidate's rank for the words of the question, its speaker and date included."""
    return evidence.found.word_rank[evidence.candidates]


def surrounding_words(evidence: Evidence, terms: list[int]) -> FloatColumn:
    """Score each candidate and its neighbours as one text, rare terms the heavier (BM25).

    `terms` are columns of `evidence.term_ranks`.
    """
    ranks = evidence.term_ranks[:, terms]
    return saturated(evidence.around(ranks)) @ rarity(ranks)


def turn_rarity(evidence: Evidence, terms: list[int]) -> FloatColumn:
    """Score each row, neighbours included, by its terms alone, rare ones the heavier (BM25)."""
    ranks = evidence.term_ranks[:, terms]
    return saturated(ranks) @ rarity(ranks)


def saturated(frequencies: FloatColumn) -> FloatColumn:
    """Saturate counts as BM25 does, with k1 = 1.2 and without length normalization.

    ts_rank of one term grows with its frequency as the sum of 1/i**2 does: it stands in for it.
    """
    gains: FloatColumn = frequencies * (_SATURATION + 1) / (frequencies + _SATURATION)
    return gains


def rarity(ranks: FloatColumn) -> FloatColumn:
    """Weigh each term by how few of the rows read contain it (inverse document frequency).

    All memories that hold a rare term are among the rows, so that for the terms that matter the
    count is that of the whole space.
    """
    return rarity_of((ranks > 0).sum(axis=0).astype(float), len(ranks))


def rarity_of(holders: FloatColumn, rows: int) -> FloatColumn:
    """Weigh terms by how many of so many rows contain each."""
    weights: FloatColumn = np.log1p((rows - holders + 0.5) / (holders + 0.5))
    return weights

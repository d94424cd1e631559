"""Signals of shared words: of the turn, and of the turn with its neighbours as one text."""

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
    """Score each candidate with its neighbours as one text, rare terms weighing more (BM25).

    `terms` are columns of `evidence.term_ranks`.
    """
    ranks = evidence.term_ranks[:, terms]
    return saturated(evidence.around(ranks)) @ rarity(ranks)


def turn_rarity(evidence: Evidence, terms: list[int]) -> FloatColumn:
    """Score each row, neighbours included, by its own terms, rare ones weighing more (BM25)."""
    ranks = evidence.term_ranks[:, terms]
    return saturated(ranks) @ rarity(ranks)


def saturated(frequencies: FloatColumn) -> FloatColumn:
    """Saturate term frequencies as BM25 does, with k1 = 1.2 and without length normalization.

    The frequencies are estimated from ts_rank, which for one term grows as the sum of 1/i**2.
    """
    gains: FloatColumn = frequencies * (_SATURATION + 1) / (frequencies + _SATURATION)
    return gains


def rarity(ranks: FloatColumn) -> FloatColumn:
    """Weigh each term by how few of the rows read contain it (inverse document frequency).

    All memories with a rare term are among the rows, so that the counts of the terms that matter
    are those of the whole space.
    """
    return rarity_of((ranks > 0).sum(axis=0).astype(float), len(ranks))


def rarity_of(holders: FloatColumn, rows: int) -> FloatColumn:
    """Return the weights of terms, given how many of the rows contain each."""
    weights: FloatColumn = np.log1p((rows - holders + 0.5) / (holders + 0.5))
    return weights

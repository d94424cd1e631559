"""Merge the scores of a reranker into the order of hits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.ranking.standardization import standard_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.searching import Hit


def text_to_rerank(hit: Hit) -> str:
    """Return the text of a memory with its speaker and time."""
    return f"{hit.created_at:%Y-%m-%d} {hit.name or hit.role}: {hit.content}"


def merge_reranker_scores(hits: Sequence[Hit], relevance: Sequence[float]) -> tuple[Hit, ...]:
    """Order hits by the scores of the search and of the reranker, with equal weight.

    `relevance` has the scores of the first hits. Both scores are standardized over these hits; the
    standing of a hit is the logistic function of their mean. Hits without a reranker score come
    last.
    """
    shown, rest = hits[: len(relevance)], hits[len(relevance) :]
    found = np.clip([hit.standing for hit in shown], 1e-6, 1 - 1e-6)
    odds = np.log(found) - np.log(1 - found)
    total = (standard_scores(odds) + standard_scores(np.array(relevance, dtype=np.float64))) / 2
    scores = 1 / (1 + np.exp(-total))
    merged = [
        replace(
            shown[place],
            standing=float(scores[place]),
            signals={**shown[place].signals, "reranker": round(float(relevance[place]), 6)},
        )
        for place in np.argsort(-total, kind="stable")
    ]
    lowest = merged[-1].standing
    return (*merged, *(replace(hit, standing=min(hit.standing, lowest)) for hit in rest))

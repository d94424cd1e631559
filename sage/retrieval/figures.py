"""Have the figures of hits fall in the order in which they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.retrieval.relevance.features import FIRST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.searching import Hit


def falling(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return hits of which none is likelier to answer than one before it.

    The order says more than the probabilities, which are fitted one by one: of the first five those
    that contradict it become their mean, so that as many answers are expected as before; one behind
    them is no likelier than the fifth, however many are asked for.
    """
    likely = [hit.probability for hit in hits if hit.probability is not None]
    if len(likely) < len(hits):
        return tuple(hits)
    levels: list[tuple[float, int]] = []
    for probability in likely[:FIRST]:
        mean, count = probability, 1
        while levels and levels[-1][0] < mean:
            before, many = levels.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        levels.append((mean, count))
    figures = [mean for mean, count in levels for _ in range(count)]
    for probability in likely[FIRST:]:
        figures.append(min(probability, figures[-1]))
    return tuple(
        replace(hit, probability=figure) for hit, figure in zip(hits, figures, strict=True)
    )

"""Have the figures of hits fall in the order in which they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.searching import Hit


def falling(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return hits of which none is likelier to answer than one before it.

    The order says more than the probabilities, which are fitted one by one: those that contradict
    it become their mean, so that as many answers are expected as before.
    """
    levels: list[tuple[float, int]] = []
    for hit in hits:
        if hit.probability is None:
            return tuple(hits)
        mean, count = hit.probability, 1
        while levels and levels[-1][0] < mean:
            before, many = levels.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        levels.append((mean, count))
    means = [mean for mean, count in levels for _ in range(count)]
    return tuple(replace(hit, probability=mean) for hit, mean in zip(hits, means, strict=True))

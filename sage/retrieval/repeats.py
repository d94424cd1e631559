"""Put the newest first of hits that say the same thing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.retrieval.evidence import Evidence
    from sage.retrieval.ranking import Ranked

_SAME = 0.98
"""Cosine from which two texts are taken to say the same: above that of a changed number or name."""


def newest_first(evidence: Evidence, best: Sequence[Ranked]) -> list[Ranked]:
    """Return the hits, those that say the same thing in the order of their times, newest first.

    The places of all other hits stay as they are, and each place keeps its score.
    """
    if evidence.vectors is None or len(best) < 2:  # noqa: PLR2004 - one alone repeats nothing
        return list(best)
    rows = evidence.candidates[[evidence.place_of[hit.memory_id] for hit in best]]
    vectors = evidence.vectors[rows]
    same = vectors @ vectors.T >= _SAME
    if same.sum() == same.trace():
        return list(best)
    told_at = evidence.found.created_at[rows]
    ordered = list(best)
    settled: set[int] = set()
    for place in range(len(best)):
        alike = [other for other in np.flatnonzero(same[place]).tolist() if other not in settled]
        if place in settled or len(alike) < 2:  # noqa: PLR2004
            continue
        settled.update(alike)
        newest = sorted(alike, key=lambda other: told_at[other], reverse=True)
        for at, hit in zip(alike, newest, strict=True):
            ordered[at] = replace(best[hit], score=best[at].score)
    return ordered

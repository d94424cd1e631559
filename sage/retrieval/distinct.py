"""Keep what was said again from taking the places of what was said once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from sage.domain.message_class import MessageClass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sage.retrieval.evidence import Evidence

MOST_ANSWERS = 3
"""How often a question is kept whose answers may differ."""
_ASKING = [one.code for one in MessageClass if one.asks]


def first_distinct(
    evidence: Evidence, order: NDArray[np.intp], n: int
) -> tuple[list[int], list[int], list[int]]:
    """Return the first `n` candidates that say different things, and whose place each has.

    `order` are places among the candidates, the best first. Of one speaker's equal texts the newest
    has the place of the best; of equal questions the newest three have places. The third list is
    how many there are of each.
    """
    rows = evidence.candidates[order]
    found = evidence.found
    said = found.said[rows].tolist()
    keys = [
        (text, role, name) if text else place
        for place, (text, role, name) in enumerate(
            zip(said, found.role[rows].tolist(), found.name[rows].tolist(), strict=True)
        )
    ]
    if len(set(keys)) == len(keys):
        first = order[:n].tolist()
        return first, first, [1] * len(first)
    alike: dict[object, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        alike[key].append(place)
    told_at, asks = found.created_at[rows], np.isin(found.class_code[rows], _ASKING)
    taken: list[tuple[int, int, int]] = []
    for places in alike.values():
        newest = sorted(places, key=lambda place: told_at[place], reverse=True)
        kept = MOST_ANSWERS if asks[places[0]] else 1
        count = 1 if kept > 1 else len(places)
        taken += [(at, one, count) for at, one in zip(places[:kept], newest, strict=False)]
    taken = sorted(taken)[:n]
    ranks = order.tolist()
    return (
        [ranks[one] for _, one, _ in taken],
        [ranks[at] for at, _, _ in taken],
        [count for _, _, count in taken],
    )

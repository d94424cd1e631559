"""Choose the terms worth looking up: rare ones find the answer, common ones cost the time.

A term that every tenth memory holds brings a tenth of the store to be ranked. What Postgres keeps
for its planner tells the common terms; those it does not list are rare. Terms left out here still
count when candidates are ranked.

The planner knows terms of the whole table, not of a space. To count those of a large space would
read every entry that the index has of them, which is what leaving them out avoids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.candidates import PlannerStatistics

MAX_MATCHES = 2_000


def selective_terms(
    terms: Sequence[str],
    space_id: str,
    statistics: PlannerStatistics,
    most_matches: int = MAX_MATCHES,
) -> tuple[str, ...]:
    """Return the rarest terms that together match at most `most_matches` memories.

    At least one term is taken, and all of them where nothing is known yet or the space has no more
    memories than that: how common a word is in other spaces then changes nothing.
    """
    in_space = statistics.memories * _share_of(space_id, statistics)
    if in_space <= most_matches:
        return tuple(terms)
    chosen: list[str] = []
    matches = 0.0
    for term in sorted(terms, key=lambda term: statistics.share_by_term.get(term, 0.0)):
        matches += in_space * statistics.share_by_term.get(term, 0.0)
        if chosen and matches > most_matches:
            break
        chosen.append(term)
    return tuple(chosen)


def _share_of(space_id: str, statistics: PlannerStatistics) -> float:
    """Return a space's share of all memories; one too small to be listed has at most the least."""
    least = min(statistics.share_by_space.values(), default=1.0)
    return statistics.share_by_space.get(space_id, least)

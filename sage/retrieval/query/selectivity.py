"""Choose the terms worth looking up: rare ones find the answer, common ones cost the time.

A term that every tenth memory holds brings a tenth of the store to be ranked. What Postgres keeps
for its planner lists the common terms; those it does not list are rare. Terms left out here still
count when candidates are ranked.

In a large space what holds two terms of a question is looked up first: the index compares the lists
of both without reading memories, and of many that hold one word those are best that hold another.

The planner knows terms of the whole table, not of a space. To count those of a large space would
read every entry that the index has of them, which is what leaving them out avoids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.candidates import PlannerStatistics

MAX_MATCHES = 2_000
MAX_COMPARED = 10_000
"""As many entries of the index are compared with those of other terms as it takes the time to read
a fifth of so many memories."""


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


def paired_terms(
    terms: Sequence[str], space_id: str, statistics: PlannerStatistics
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rarest terms, and the others, one of which must accompany a rare one.

    Neither has any where `selective_terms` takes all terms of a space for its size.
    """
    if statistics.memories * _share_of(space_id, statistics) <= MAX_MATCHES:
        return (), ()
    rare = selective_terms(terms, space_id, statistics, MAX_COMPARED)
    return rare, tuple(term for term in terms if term not in rare)


def _share_of(space_id: str, statistics: PlannerStatistics) -> float:
    """Return a space's share of all memories; one too small to be listed has at most the least."""
    least = min(statistics.share_by_space.values(), default=1.0)
    return statistics.share_by_space.get(space_id, least)

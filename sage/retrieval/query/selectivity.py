"""Select the terms worth looking up: rare ones find the answer, common ones take the time.

A term that a tenth of all memories contain would bring a tenth of the store into ranking. The
statistics of PostgreSQL's planner list the common terms; terms that they do not list are rare.
Terms left out here still count when candidates are ranked.

In a large space, memories with two terms of a question are looked up first: the index intersects
the lists of both without reading memories, and of the many memories with one word those with
another are the best.

The statistics cover the whole table, not a space. Counting the terms of a large space would read
all their index entries, which is what leaving them out avoids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.candidates import PlannerStatistics

MAX_MATCHES = 2_000
MAX_COMPARED = 10_000
"""Comparing this many index entries with those of other terms takes as long as reading a fifth as
many memories."""


def selective_terms(
    terms: Sequence[str],
    space_id: str,
    statistics: PlannerStatistics,
    most_matches: int = MAX_MATCHES,
) -> tuple[str, ...]:
    """Return the rarest terms that together match at most `most_matches` memories.

    At least one term is returned, and all of them if there are no statistics yet or the space has
    no more memories than that: how common a word is in other spaces then makes no difference.
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
    """Return the rarest terms, and the other terms, one of which must occur beside a rare one.

    Both are empty if the space is so small that `selective_terms` returns all terms.
    """
    if statistics.memories * _share_of(space_id, statistics) <= MAX_MATCHES:
        return (), ()
    rare = selective_terms(terms, space_id, statistics, MAX_COMPARED)
    return rare, tuple(term for term in terms if term not in rare)


def _share_of(space_id: str, statistics: PlannerStatistics) -> float:
    """Return a space's share of all memories; an unlisted, small one has the smallest listed."""
    least = min(statistics.share_by_space.values(), default=1.0)
    return statistics.share_by_space.get(space_id, least)

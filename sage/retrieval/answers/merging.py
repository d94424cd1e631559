"""Merge the results of several spaces into one answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from sage.domain.exchanges import AskedBefore
from sage.domain.relevance import JudgedBy, Relevance
from sage.domain.searching import SearchResult
from sage.retrieval.ranking.ranker import score_by_signals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sage.domain.searching import Hit

_BEST_FIRST = (Relevance.STRONG, Relevance.UNKNOWN, Relevance.WEAK)


def merge_spaces(found: Mapping[str, SearchResult], n: int) -> SearchResult:
    """Return the best `n` hits of all spaces, given by name, and their relevance.

    Hits are ordered by probability or, if that of any hit is unknown, by their signals,
    standardized over all hits. Within a space the order is preserved. The relevance is the best of
    any space; an unknown one ranks above weak.
    """
    hits = [replace(hit, space=space) for space, one in found.items() for hit in one.hits]
    known = [hit.probability for hit in hits if hit.probability is not None]
    scores = known if len(known) == len(hits) else score_by_signals([hit.signals for hit in hits])
    placed: list[Hit] = []
    begin = 0
    for one in found.values():
        end = begin + len(one.hits)
        placed += _placed(hits[begin:end], scores[begin:end])
        begin = end
    placed.sort(key=lambda hit: hit.standing, reverse=True)
    relevances = {one.relevance for one in found.values()}
    relevance = next((one for one in _BEST_FIRST if one in relevances), Relevance.NONE)
    questions = [replace(hit, space=space) for space, one in found.items() for hit in one.questions]
    return SearchResult(
        tuple(placed[:n]),
        relevance,
        degraded=tuple(dict.fromkeys(part for one in found.values() for part in one.degraded)),
        question=next((one.question for one in found.values() if one.question), None),
        questions=tuple(sorted(questions, key=lambda hit: hit.created_at, reverse=True)),
        asked=AskedBefore.joined([one.asked for one in found.values()]),
        pending=sum(one.pending for one in found.values()),
        asked_similar=AskedBefore.joined([one.asked_similar for one in found.values()]),
        judged_by=JudgedBy.joined([one.judged_by for one in found.values()]),
        found_by=next((one.found_by for one in found.values() if one.found_by), ()),
    )


def _placed(hits: Sequence[Hit], scores: Sequence[float]) -> Iterator[Hit]:
    """Return the hits of a space, each with its own score or that of a better hit behind it."""
    lifted = reversed([*accumulate(reversed(scores), max)])
    return (replace(hit, standing=score) for hit, score in zip(hits, lifted, strict=True))

"""Judge hits without those that were marked as not useful for such a question."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.retrieval.ranking import Ranked
    from sage.retrieval.relevance.judgement import Judgement

_IN_DOUBT = 0.999


def judged_apart(
    best: Sequence[Ranked],
    marked: Mapping[UUID, datetime],
    judge: Callable[[Sequence[Ranked]], Judgement],
) -> tuple[Judgement, tuple[Ranked, ...]]:
    """Return the judgement of the hits that are not marked, and apart from it those that are.

    A marked one is less likely to answer than what is weak.
    """
    judgement = judge(best)
    if marked.keys().isdisjoint(hit.memory_id for hit in best):
        return judgement, ()
    case = judgement.case
    most = 1.0 if case is None else _IN_DOUBT * case.fitted.weak_from
    lowered = [
        hit if hit.probability is None else replace(hit, probability=min(hit.probability, most))
        for hit in judgement.hits
        if hit.memory_id in marked
    ]
    return judge([hit for hit in best if hit.memory_id not in marked]), tuple(lowered)

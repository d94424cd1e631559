"""Lower the rank of what was said long ago, or leave it out, where that is configured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sage.domain.searching import Filters, Found, Hit

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


def decayed(answer: Found, half_life_days: float, now: datetime) -> Found:
    """Halve the score of each hit for every half-life of its age, and put them in that order.

    What is dated in the future counts as new. Probabilities stay: age makes no answer wrong.
    """

    def aged(hit: Hit) -> Hit:
        age_days = max((now - hit.created_at) / _DAY, 0.0)
        return replace(hit, score=hit.score * 0.5 ** (age_days / half_life_days))

    hits = sorted(map(aged, answer.hits), key=lambda hit: hit.score, reverse=True)
    return replace(answer, hits=tuple(hits))


def within_age(filters: Filters, max_age_days: float | None, now: datetime) -> Filters:
    """Return filters that leave out what is older than so many days; a later `after` stays.

    Of filters for older times alone nothing is left but a moment.
    """
    if max_age_days is None:
        return filters
    oldest = now - max_age_days * _DAY
    after = oldest if filters.after is None else max(filters.after, oldest)
    before = filters.before
    if before is not None and before <= after:
        before = after + _MOMENT
    return replace(filters, after=after, before=before)

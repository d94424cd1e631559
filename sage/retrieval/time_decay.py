"""Lower the rank of what was said long ago, or leave it out, where that is configured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sage.domain.relevance import Relevance

if TYPE_CHECKING:
    from datetime import datetime

    from sage.domain.searching import Filters, Found, Hit

_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


def decayed(answer: Found, half_life_days: float, now: datetime, n: int) -> Found:
    """Halve the score of each hit for every half-life of its age, and put them in that order.

    What is dated in the future counts as new. Probabilities stay: age makes no answer wrong. Where
    the likeliest is not among the first `n` any more, relevance is weak at most.
    """

    def aged(hit: Hit) -> Hit:
        age_days = max((now - hit.created_at) / _DAY, 0.0)
        return replace(hit, score=hit.score * 0.5 ** (age_days / half_life_days))

    hits = sorted(map(aged, answer.hits), key=lambda hit: hit.score, reverse=True)
    likeliest = max((hit.likelihood for hit in hits), default=0.0)
    is_sure = any(hit.likelihood >= likeliest for hit in hits[:n])
    weaker = not is_sure and answer.relevance is Relevance.STRONG
    relevance = Relevance.WEAK if weaker else answer.relevance
    return replace(answer, hits=tuple(hits), relevance=relevance)


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

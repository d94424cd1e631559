"""Signals of time: turns near the dates of a question, and turns that name a time."""

from __future__ import annotations

import math
from datetime import UTC, date
from typing import TYPE_CHECKING

import numpy as np

from sage.retrieval.ranking.evidence import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from sage.retrieval.ranking.evidence import Evidence, FloatColumn
    from sage.retrieval.text.dates import NamedDate

_DAYS_AFTER = 31
_AFTER = 0.6
_FADING_DAYS = 10
_SAME_MONTH = 0.6
_SAME_MONTH_OTHER_DAY = 0.2
_NEXT_MONTH = 0.2
_SAME_YEAR = 0.2


def near_dates(
    evidence: Evidence, dates: Sequence[NamedDate], timezone: tzinfo = UTC
) -> FloatColumn:
    """Return 1 for turns of a day the question names, less for the days and the month after it.

    The dates are days of `timezone`. People speak of a day on that day or soon after.
    """
    if not dates:
        return np.zeros(len(evidence.candidates))
    said_at = evidence.found.created_at[evidence.candidates].tolist()
    days = (when.replace(tzinfo=UTC).astimezone(timezone).date() for when in said_at)
    return np.array([max(nearness(said, asked) for asked in dates) for said in days])


def nearness(said: date, asked: NamedDate) -> float:
    """Return from 0 to 1 how close a day is to a date that may lack its year or day."""
    if asked.month is None:
        return _SAME_YEAR * (said.year == asked.year)
    if asked.day is None:
        return _near_month(said, asked.year, asked.month)
    years = (asked.year,) if asked.year else (said.year, said.year - 1)
    days = [(said - day).days for day in _days(years, asked.month, asked.day)]
    near = max((_near_day(after) for after in days), default=0.0)
    same_month = said.month == asked.month and said.year in years
    return max(near, _SAME_MONTH_OTHER_DAY * same_month)


def tells_time(evidence: Evidence, *, asks_when: bool) -> FloatColumn:
    """Return 1 for turns that say when something happens; all 0 without `asks_when`."""
    return numbers(evidence.found.dated)[evidence.candidates] * asks_when


def touches_time(evidence: Evidence, *, asks_when: bool) -> FloatColumn:
    """Return 1 for turns that mention time; all 0 with `asks_when`: tells_time counts then."""
    return numbers(evidence.found.timed)[evidence.candidates] * (not asks_when)


def _near_day(days_after: int) -> float:
    if days_after == 0:
        return 1.0
    return _AFTER * math.exp(-days_after / _FADING_DAYS) if 0 < days_after <= _DAYS_AFTER else 0.0


def _near_month(said: date, year: int | None, month: int) -> float:
    after = said.month - month + (12 * (said.year - year) if year else 0)
    if year is None:
        after %= 12
    return {0: _SAME_MONTH, 1: _NEXT_MONTH}.get(after, 0.0)


def _days(years: Iterable[int], month: int, day: int) -> Iterable[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:  # 30 February, or 29 in a common year
            continue

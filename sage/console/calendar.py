"""A year of daily message counts, drawn as squares."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sage.domain.activity import ActivityRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.console.context import PageContext
    from sage.domain.caller import Caller

WEEKS = 53
_PITCH, _LEFT, _TOP = 16, 30, 18
_TENTHS, _WEEK = 10, 7


@dataclass(frozen=True, slots=True)
class Square:
    """A day in its place; `level` is 0 to 4, by its messages compared with other days."""

    day: date
    memories: int
    level: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """A year until today. `months` are the first days of its months, with their places."""

    squares: Sequence[Square]
    months: Sequence[tuple[int, date]]

    width = _LEFT + WEEKS * _PITCH
    height = _TOP + _WEEK * _PITCH
    weekdays = tuple((_TOP + number * _PITCH + 11, number) for number in (0, 2, 4))

    @property
    def said(self) -> Sequence[Square]:
        """The days with messages."""
        return [square for square in self.squares if square.memories]


async def calendar_of(context: PageContext, caller: Caller) -> Calendar:
    """Return the calendar of a space. Raises StoreError."""
    timezone = context.services.settings.timezone
    today = context.local(datetime.now(UTC)).date()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    request = ActivityRequest(first, today + timedelta(days=1), timezone, None, caller.space_id)
    activity = await context.services.listing.activity(request)
    counts = {one.day: one.memories for one in activity.counts}
    bounds = _bounds([*counts.values()])
    squares = []
    for day in request.days:
        memories = counts.get(day, 0)
        level = 1 + sum(memories > bound for bound in bounds) if memories else 0
        squares.append(Square(day, memories, level, *_place(first, day)))
    months = [
        (square.x, square.day)
        for square in squares[: -2 * _WEEK]  # a name needs the room of two weeks
        if square.day.weekday() == 0 and square.day.day <= _WEEK
    ]
    return Calendar(squares, months)


def _place(first: date, day: date) -> tuple[int, int]:
    week, weekday = divmod((day - first).days, _WEEK)
    return _LEFT + week * _PITCH, _TOP + weekday * _PITCH


def _bounds(counts: Sequence[int]) -> Sequence[float]:
    """Return the lower bounds of each level but the first: half of the days stay pale."""
    if len(counts) < _TENTHS:
        return (1, 4, 16)
    tenths = statistics.quantiles(counts, n=_TENTHS)
    return (tenths[4], tenths[7], tenths[8])

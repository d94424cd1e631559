"""Schedules of recurring work: an interval, or times of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_INTERVAL = re.compile(r"([1-9]\d{0,3}) ?([mhdw])")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MIN_INTERVAL = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Schedule:
    """An interval, or one or more times of the day; `text` is the schedule as it was written."""

    text: str
    interval: timedelta | None = None
    times: tuple[time, ...] = ()

    def due_at(self, last: datetime | None, timezone: tzinfo) -> datetime:
        """Return when it is next due, in UTC, after a run at `last`; without one it is due at once.

        A time of the day that passed while nothing ran is still due, once. A time that a change of
        the clocks skips is moved an hour later.
        """
        if last is None:
            return datetime.min.replace(tzinfo=UTC)
        if self.interval is not None:
            return last + self.interval
        today = last.astimezone(timezone).date()
        moments = (
            datetime.combine(today + timedelta(days=days), at, timezone).astimezone(UTC)
            for days in (-1, 0, 1, 2)
            for at in self.times
        )
        return min(moment for moment in moments if moment > last)


def parse_schedule(text: str) -> Schedule:
    """Parse `6h`, `30m`, `1d` or `1w`, or times such as `03:30` or `09:00, 21:00`.

    Raises ValueError with the reason.
    """
    if interval := _INTERVAL.fullmatch(text.strip()):
        length = timedelta(**{_UNITS[interval[2]]: int(interval[1])})
        if length < _MIN_INTERVAL:
            raise ValueError("is shorter than 5 minutes")
        return Schedule(text.strip(), interval=length)
    parts = [_TIME.fullmatch(part.strip()) for part in text.split(",")]
    times = tuple(time(int(part[1]), int(part[2])) for part in parts if part)
    if len(times) < len(parts):
        raise ValueError("is neither an interval nor a list of times of the day")
    return Schedule(text.strip(), times=times)

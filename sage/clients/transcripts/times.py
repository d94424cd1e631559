"""Parse times of programs: ISO 8601, or seconds, milliseconds or microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_MILLISECONDS_FROM = 1e11
_MICROSECONDS_FROM = 1e14
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def time_of(stamp: object, naive: tzinfo = UTC) -> datetime | None:
    """Return a time in UTC; None for an invalid one, one before 1990, or one in the future.

    Without an offset it is in the zone `naive`.
    """
    try:
        match stamp:
            case datetime():
                when = stamp
            case bool():
                return None
            case int() | float():
                when = datetime.fromtimestamp(_seconds(stamp), UTC)
            case str() if stamp.strip():
                when = datetime.fromisoformat(stamp.strip())
            case _:
                return None
        when = (when if when.tzinfo else when.replace(tzinfo=naive)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return when if _EARLIEST <= when <= datetime.now(UTC) else None


def _seconds(number: float) -> float:
    if number > _MICROSECONDS_FROM:
        return number / 1e6
    return number / 1e3 if number > _MILLISECONDS_FROM else number

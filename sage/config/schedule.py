"""Schedules as people write them."""

from __future__ import annotations

from sage.config.values import RefusedValueError
from sage.domain.schedule import Schedule, parse_schedule


def checked_schedule(text: object) -> Schedule:
    """Accept an interval or times of the day. Raises RefusedValueError."""
    if isinstance(text, Schedule):
        return text
    try:
        return parse_schedule(str(text))
    except ValueError as error:
        raise RefusedValueError(
            str(error),
            "Write an interval such as 6h, 1d or 1w, or times such as 03:30 or 09:00,21:00",
        ) from error

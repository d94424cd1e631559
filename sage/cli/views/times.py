"""Times on a command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.config.timezone import checked_timezone
from sage.config.values import RefusedValueError
from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.retrieval.text.relative_dates import parse_time

if TYPE_CHECKING:
    from datetime import tzinfo


def to_timezone(field: str, name: str | None, default: tzinfo) -> tzinfo:
    """Return the time zone of a name, the default for None. Raises InvalidInputError."""
    try:
        return default if name is None else checked_timezone(name)
    except RefusedValueError as error:
        raise InvalidInputError(
            field, phrase("{field} {problem}", problem=error.message), hint=error.hint
        ) from None


def to_time(field: str, text: str | None, timezone: tzinfo) -> datetime | None:
    """Return a time given in ISO 8601 or in words; None stays None.

    Without an offset, and in words, it is one of `timezone`. Raises InvalidInputError.
    """
    if text is None:
        return None
    return parse_time(field, text, now=datetime.now(UTC), timezone=timezone)


def to_iso(field: str, text: str | None, timezone: tzinfo) -> str | None:
    """Convert a time in ISO 8601 or in words to ISO 8601 with an offset; None stays None.

    Without an offset, and in words, it is one of `timezone`. Raises InvalidInputError.
    """
    when = to_time(field, text, timezone)
    return None if when is None else when.isoformat()

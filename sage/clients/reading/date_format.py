"""The format of dates in tables: told by the user, since 04/03/2026 is two days."""

from __future__ import annotations

from datetime import UTC, datetime

from sage.errors import InvalidInputError
from sage.phrases import phrase

AMBIGUOUS = "ambiguous date"
"""Why a row is left out whose day and month cannot be told apart."""

_OPTION = "--date-format"
_HINT = "write it as for `date`, such as %d/%m/%Y, or %m/%d/%Y %H:%M"
_ANY_DAY = datetime(2024, 3, 14, tzinfo=UTC)


def checked_date_format(text: str | None) -> str:
    """Return a format that gives a whole date, empty for none. Raises InvalidInputError."""
    if text is None:
        return ""
    try:
        written = _ANY_DAY.strftime(text)
        has_year = written != _ANY_DAY.replace(year=_ANY_DAY.year + 1).strftime(text)
        is_whole = has_year and date_in(written, text).date() == _ANY_DAY.date()
    except ValueError:
        raise InvalidInputError(
            _OPTION, phrase("{field}: {text} is no format", text=repr(text)[:40]), hint=_HINT
        ) from None
    if not is_whole:
        raise InvalidInputError(
            _OPTION,
            phrase("{field}: {text} gives no day, month and year", text=repr(text)[:40]),
            hint=_HINT,
        )
    return text


def date_in(text: str, date_format: str) -> datetime:
    """Return the date that a text gives, perhaps without a zone. Raises ValueError."""
    return datetime.strptime(text.strip(), date_format)  # noqa: DTZ007 - the zone is added later


def require_date(text: str, date_format: str, place: str) -> None:
    """Raise InvalidInputError for a text that a format does not fit; an empty one is no date."""
    try:
        if text.strip():
            date_in(text, date_format)
    except ValueError:
        raise InvalidInputError(
            place,
            phrase(
                "{field}: {text} does not fit {option} {date_format}",
                text=repr(text)[:40],
                option=_OPTION,
                date_format=date_format,
            ),
            hint=_HINT,
        ) from None

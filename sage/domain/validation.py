"""Validation of a caller's values, one function for each kind of value.

Each returns the normalized value or raises `InvalidInputError`, which names the field and the fix.
Postgres cannot hold NUL in text or jsonb, UTF-8 cannot hold a lone surrogate, and JSON has no NaN:
they are rejected here, at the edge, so that no later layer fails on them.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain import limits
from sage.domain.text_length import normalized_length
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

_MAX_SHOWN_NUMBER = 10**18
_MAX_NUMBER_BITS = (10**1_000).bit_length()
"""Formatting numbers of thousands of digits takes a fifth of a millisecond each."""


def validate_period(since: datetime | None, until: datetime | None) -> None:
    """Raise InvalidInputError where a period, whose end is excluded, is empty."""
    if since and until and since >= until:
        raise InvalidInputError("from", "{field} is not before to", hint="pass a time before to")


def validate_texts(request: object, **most: int) -> None:
    """Validate fields of a request: texts of at most so many characters, or None."""
    for name, max_chars in most.items():
        if (text := getattr(request, name)) is not None:
            validate_text(name, text, max_chars)


def validate_text(field: str, text: object, max_chars: int) -> str:
    """Return a non-blank string of at most `max_chars` (NFKC) that Postgres can store."""
    if not isinstance(text, str):
        raise InvalidInputError(
            field, "{field} must be a string", hint=phrase("pass {field} as text", field=field)
        )
    _reject_unstorable(field, text)
    if not text.strip():
        raise InvalidInputError(field, "{field} is empty", hint="pass some text")
    if len(text) > max_chars:
        raise InvalidInputError(
            field,
            phrase(
                "{field} has {count:,} characters, at most {most:,} are allowed",
                count=len(text),
                most=max_chars,
            ),
            hint="shorten it or split it",
        )
    if normalized_length(text, max_chars) > max_chars:
        raise InvalidInputError(
            field,
            phrase(
                "{field} has more than {most:,} characters once its ligatures are "
                "written out (NFKC)",
                most=max_chars,
            ),
            hint="shorten it or split it",
        )
    return text


def validate_number(field: str, number: object, low: int, high: int) -> int:
    """Return a whole number between `low` and `high`, both included."""
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidInputError(
            field,
            "{field} must be a whole number",
            hint=phrase("pass {low} to {high}", low=low, high=high),
        )
    if not low <= number <= high:
        problem = phrase(
            "{field} must be from {low} to {high} (got {number})"
            if abs(number) < _MAX_SHOWN_NUMBER
            else "{field} must be from {low} to {high}",
            low=low,
            high=high,
            number=number,
        )
        raise InvalidInputError(
            field, problem, hint=phrase("pass {low} to {high}", low=low, high=high)
        )
    return number


def validate_fraction(field: str, number: object) -> float:
    """Return a number between 0 and 1, both included."""
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise InvalidInputError(
            field, "{field} must be a number from 0 to 1", hint="0 omits nothing"
        )
    return float(number)


def validate_time(field: str, when: object, naive: tzinfo = UTC) -> datetime:
    """Return an aware time from a datetime or ISO 8601 text; without an offset in zone `naive`."""
    hint = "pass ISO 8601, for example 2026-05-08T13:56:00Z"
    if isinstance(when, str):
        _reject_unstorable(field, when)
        try:
            when = datetime.fromisoformat(when.strip())
        except ValueError:
            raise InvalidInputError(field, "{field} is not a date and time", hint=hint) from None
    if not isinstance(when, datetime):
        raise InvalidInputError(field, "{field} is not a date and time", hint=hint)
    if not limits.EARLIEST_YEAR <= when.year <= limits.LATEST_YEAR:
        raise InvalidInputError(
            field,
            phrase("{field} is in the year {year}", year=when.year),
            hint=phrase(
                "pass a year from {earliest} to {latest}",
                earliest=limits.EARLIEST_YEAR,
                latest=limits.LATEST_YEAR,
            ),
        )
    return (when.replace(tzinfo=naive) if when.tzinfo is None else when).astimezone(UTC)


def validate_id(field: str, identifier: object) -> UUID:
    """Return the id of a memory, a UUID."""
    if isinstance(identifier, UUID):
        return identifier
    try:
        return UUID(str(identifier))
    except ValueError:
        raise InvalidInputError(
            field, "{field} is not a memory id", hint="pass an id that save or search returned"
        ) from None


def validate_metadata(field: str, metadata: object) -> Mapping[str, object]:
    """Return a JSON object of bounded size and depth that jsonb can store."""
    if not isinstance(metadata, dict):
        raise InvalidInputError(
            field, "{field} must be a JSON object", hint='for example {"topic": "tea"}'
        )
    _reject_deep(field, metadata, limits.MAX_METADATA_DEPTH)
    try:
        size_bytes = len(json.dumps(metadata, ensure_ascii=False).encode())
    except (TypeError, ValueError):
        raise InvalidInputError(
            field, "{field} is not JSON", hint="use text, numbers, lists"
        ) from None
    if size_bytes > limits.MAX_METADATA_BYTES:
        raise InvalidInputError(
            field,
            phrase(
                "{field} takes {size:,} bytes, at most {most:,} are allowed",
                size=size_bytes,
                most=limits.MAX_METADATA_BYTES,
            ),
            hint="put long text into the content",
        )
    return metadata


def _reject_unstorable(field: str, text: str) -> None:
    if "\x00" in text:
        raise InvalidInputError(field, "{field} contains a NUL character", hint="remove \\u0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidInputError(
            field, "{field} contains an unpaired surrogate", hint="send valid UTF-8 text"
        ) from None


def _reject_deep(field: str, value: object, depth_left: int) -> None:
    match value:
        case str():
            _reject_unstorable(field, value)
        case float() if not math.isfinite(value):
            raise InvalidInputError(
                field, "{field} contains NaN or an infinite number", hint="use null"
            )
        case int() if value.bit_length() > _MAX_NUMBER_BITS:
            raise InvalidInputError(
                field, "{field} contains a number of more than 1,000 digits", hint="pass it as text"
            )
        case dict() | list():
            if depth_left == 0:
                raise InvalidInputError(
                    field,
                    phrase(
                        "{field} is nested deeper than {most} levels",
                        most=limits.MAX_METADATA_DEPTH,
                    ),
                    hint="flatten it",
                )
            items = value.values() if isinstance(value, dict) else value
            for key in value if isinstance(value, dict) else ():
                _reject_deep(field, key, depth_left)
            for item in items:
                _reject_deep(field, item, depth_left - 1)
        case _:
            return

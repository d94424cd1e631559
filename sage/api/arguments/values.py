"""Values of arguments that are text: times, also in words, and names from a fixed set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.retrieval.text.relative_dates import parse_time

if TYPE_CHECKING:
    from datetime import tzinfo
    from enum import StrEnum

    ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

MEMORY_ID = (
    "The id of the memory: whole, or its first or last four or more digits if no other id shares"
    " them."
)
"""The published description of an id that may be a part of one."""


def parse_moment(
    field: str, text: str | None, timezone: tzinfo, naive: tzinfo = UTC
) -> datetime | None:
    """Return a time, aware UTC; days such as yesterday are those of `timezone`.

    A time without an offset is in the zone `naive`. Raises InvalidInputError that names the field.
    """
    if text is None:
        return None
    return parse_time(field, text, now=datetime.now(UTC), timezone=timezone, naive=naive)


def parse_period(from_: str | None, to: str | None, timezone: tzinfo) -> dict[str, Any]:
    """Return `since` and `until` from the arguments `from` and `to`, aware and in UTC."""
    times = {
        "since": parse_moment("from", from_, timezone),
        "until": parse_moment("to", to, timezone),
    }
    return {name: time for name, time in times.items() if time is not None}


def parse_choice(field: str, text: str, choices: type[ChoiceT]) -> ChoiceT:
    """Return the member of that name. Raises InvalidInputError that names the field."""
    if text not in tuple(choices):
        raise InvalidInputError(
            field,
            phrase("{field}: {text} is unknown", text=repr(text)[:40]),
            hint=phrase("use one of {known}", known=[*map(str, choices)]),
        )
    return choices(text)

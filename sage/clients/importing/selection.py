"""The selection of messages to import, and its form on a command line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from sage.domain.memories import DEFAULT_SPACE
from sage.domain.validation import validate_time
from sage.errors import InvalidInputError
from sage.phrases import phrase

_AGO = re.compile(r"(?P<count>\d{1,4}) ?(?P<unit>[dwhDWH]|days?|weeks?|hours?)(?: ago)?")
_HOURS = {"h": 1, "d": 24, "w": 168}
_OPTION = "--since"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which messages of a source are imported, and where to.

    `include` names reasons for which messages would be left out; `timezone` is that of times
    without one. Messages said in `pauses`, and answers to them, are left out.
    """

    since: datetime | None = None
    include: frozenset[str] = frozenset()
    timezone: tzinfo = UTC
    space_id: str = DEFAULT_SPACE
    date_format: str = ""
    pauses: tuple[tuple[float, float], ...] = ()


EVERYTHING = Selection()


INCLUDABLE = ("branches", "deleted", "notes", "profile", "sidechains", "thinking", "tools")
"""Reasons that can be included; for others, messages are always left out."""


class _Local(tzinfo):
    """The time zone of this machine, including daylight saving time."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return the offset of a local time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Return zero: the offset includes it."""
        return None if dt is None else timedelta()

    def tzname(self, dt: datetime | None) -> str | None:
        """Return the name of the zone at a time."""
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()


def local_timezone() -> tzinfo:
    """Return the zone of this machine."""
    return _Local()


def since_of(text: str | None) -> datetime | None:
    """Parse a time in ISO 8601, or a number of days ago; None stays None.

    Raises InvalidInputError.
    """
    if text is None:
        return None
    if ago := _AGO.fullmatch(text.strip().lower()):
        hours = int(ago["count"]) * _HOURS[ago["unit"][0]]
        return datetime.now(UTC) - timedelta(hours=hours)
    try:
        return validate_time(_OPTION, text, _Local())
    except InvalidInputError:
        raise InvalidInputError(
            _OPTION,
            "{field} is not a date and time",
            hint="pass ISO 8601, such as 2026-05-08T13:56:00Z or 2026-05-08, or 30 days",
        ) from None


def included(text: str | None) -> frozenset[str]:
    """Parse a list of reasons, separated by commas. Raises InvalidInputError."""
    wanted = [] if text is None else [one.strip() for one in text.split(",")]
    for one in wanted:
        if one not in INCLUDABLE:
            raise InvalidInputError(
                "--include",
                phrase("{field}: {one} is unknown", one=repr(one)[:40]),
                hint=phrase("use {sources}", sources=list(INCLUDABLE)),
            )
    return frozenset(wanted)

"""Numbers of messages by day, as a calendar shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from sage.domain import limits
from sage.domain.answer import Answer, doc, optional
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError
from sage.phrases import phrase

_DAY = timedelta(days=1)


class ActivityGroup(StrEnum):
    """The property by which the messages of a day are counted."""

    CLIENT = "client"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class ActivityRequest:
    """The days to count in a time zone: `first` is included, `end` is not."""

    first: date
    end: date
    timezone: tzinfo = UTC
    group: ActivityGroup | None = None
    space_id: str = DEFAULT_SPACE

    def __post_init__(self) -> None:
        """Validate the range. Raises InvalidInputError."""
        if self.first >= self.end:
            raise InvalidInputError("from", "{field} is not before to", hint="pass a day before to")
        if (self.end - self.first).days > limits.MAX_ACTIVITY_DAYS:
            raise InvalidInputError(
                "from",
                phrase(
                    "{field}: at most {most} days can be counted", most=limits.MAX_ACTIVITY_DAYS
                ),
                hint="request one year at a time",
            )

    @property
    def days(self) -> tuple[date, ...]:
        """All days of the range."""
        return tuple(self.first + number * _DAY for number in range((self.end - self.first).days))

    @property
    def bounds(self) -> tuple[datetime, ...]:
        """The starts of the days, and the end of the last one, in UTC."""
        return tuple(
            datetime.combine(day, time(), self.timezone).astimezone(UTC)
            for day in (*self.days, self.end)
        )


@dataclass(frozen=True, slots=True)
class ActivityCount(Answer):
    """The number of messages on a day, also by client or by project if requested."""

    day: date = field(metadata=doc("The day, in the time zone of the answer."))
    memories: int = field(metadata=doc("The number of messages on this day."))
    sessions: int = field(metadata=doc("The number of conversations with messages on this day."))
    group: str | None = field(
        default=None,
        metadata=optional("The client or the project; absent for messages without a project."),
    )


@dataclass(frozen=True, slots=True)
class Activity(Answer):
    """Numbers of messages by day."""

    timezone: str = field(metadata=doc("The time zone in which days begin, as an IANA name."))
    first: date = field(metadata=doc("The first day of the range."))
    end: date = field(metadata=doc("The day after the last day of the range."))
    counts: tuple[ActivityCount, ...] = field(
        metadata=doc("The days with messages, in chronological order.")
    )


@dataclass(frozen=True, slots=True)
class SpaceTotals:
    """The numbers of messages and conversations in a space, and the time of the first message."""

    memories: int
    sessions: int
    first_at: datetime | None

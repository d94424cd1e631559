"""Requests and answers for reading the audit log: a page of its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sage.domain import limits
from sage.domain.answer import Answer, doc, optional
from sage.domain.listing import ListPosition
from sage.domain.validation import validate_number


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """One page of events: at most `limit` of those that match, after `cursor`."""

    limit: int = 50
    cursor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    user: str | None = None
    token: str | None = None
    space: str | None = None
    action: str | None = None
    outcome: str | None = None

    def __post_init__(self) -> None:
        """Validate the request. Raises InvalidInputError."""
        validate_number("limit", self.limit, 1, limits.MAX_PAGE_ITEMS)
        if self.cursor is not None:
            ListPosition.from_cursor(self.cursor)

    @property
    def position(self) -> ListPosition | None:
        """The event after which the page begins, or None for the first page."""
        return None if self.cursor is None else ListPosition.from_cursor(self.cursor)


@dataclass(frozen=True, slots=True)
class Event(Answer):
    """Who called what, in which space, about which ids, and how it ended."""

    event_id: UUID = field(metadata=doc("The id of the event."))
    at: datetime = field(metadata=doc("When it was, UTC."))
    surface: str = field(metadata=doc("`rest`, `console`, `mcp`, `cli`, or `process`."))
    action: str = field(metadata=doc("The tool, the route or the change."))
    outcome: str = field(metadata=doc("`ok`, or what went wrong."))
    origin: str = field(
        metadata=doc("The address of the client, `stdio`, `socket`, or an account of the machine.")
    )
    token_name: str | None = field(metadata=optional("The token that was shown."))
    user_name: str | None = field(metadata=optional("The user of the token."))
    space: str | None = field(metadata=optional("The space, by its present name."))
    ids: tuple[str, ...] = field(
        metadata=optional("Memories, marks of sessions, or names: the first hundred.")
    )
    id_count: int = field(metadata=doc("How many there were."))
    unrecorded: int = field(
        metadata=doc("How many refusals like it were not recorded since the one before.")
    )


@dataclass(frozen=True, slots=True)
class EventPage(Answer):
    """One page of events, the newest first."""

    events: tuple[Event, ...] = field(
        metadata=doc("The events of this page; it may hold fewer than asked for, or none.")
    )
    next_cursor: str | None = field(
        metadata=doc("Pass it as cursor to go on with earlier events; null where there are none.")
    )

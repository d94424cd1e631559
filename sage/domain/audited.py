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
    """A call: the caller, the space, the ids it was about, and its outcome."""

    event_id: UUID = field(metadata=doc("The id of the event."))
    at: datetime = field(metadata=doc("When the call was made, UTC."))
    surface: str = field(
        metadata=doc("The interface: `rest`, `console`, `mcp`, `cli`, or `process`.")
    )
    action: str = field(metadata=doc("The tool, the route or the change."))
    outcome: str = field(metadata=doc("`ok`, or the kind of failure."))
    origin: str = field(
        metadata=doc(
            "The address of the client, `stdio`, `socket`, or a user account of the machine."
        )
    )
    token_name: str | None = field(metadata=optional("The name of the token that was used."))
    user_name: str | None = field(metadata=optional("The user of the token."))
    space: str | None = field(metadata=optional("The current name of the space."))
    ids: tuple[str, ...] = field(
        metadata=optional(
            "Ids of memories, digests of sessions or projects, or names; the first 100 at most."
        )
    )
    id_count: int = field(metadata=doc("The total number of ids."))
    unrecorded: int = field(
        metadata=doc(
            "The number of similar refusals since the previous event that were not recorded."
        )
    )


@dataclass(frozen=True, slots=True)
class EventPage(Answer):
    """One page of events, newest first."""

    events: tuple[Event, ...] = field(
        metadata=doc("The events of this page; there can be fewer than `limit`, or none.")
    )
    next_cursor: str | None = field(
        metadata=doc("Pass it as `cursor` to get earlier events; null if there are none.")
    )

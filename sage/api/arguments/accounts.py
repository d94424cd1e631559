"""Arguments about spaces, users, tokens, apps, the audit log and the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from sage.access.accounts.spaces import MASKING
from sage.api.arguments.strict import Arguments, Flag, WholeNumber
from sage.api.arguments.values import parse_moment
from sage.domain import limits
from sage.domain.accounts import SpaceChange, TokenRequest
from sage.domain.audited import EventsRequest
from sage.domain.validation import validate_text

if TYPE_CHECKING:
    from datetime import tzinfo

_EVENTS = EventsRequest()


class NameArguments(Arguments):
    """The name of what is to be created."""

    name: str = Field(description="Letters and digits of any script, `-`, `_` and `.`.")


class ConfirmArguments(Arguments):
    """The name of an object to delete, repeated to confirm."""

    confirm: str = Field(description="Its name once more, since this cannot be undone.")


class SpacesArguments(Arguments):
    """The spaces to list."""

    find: str | None = Field(
        default=None, description="Only those whose names contain this, in whatever case."
    )
    limit: WholeNumber | None = Field(
        default=None,
        description="How many to return at most. Left out, all.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_SPACES_LISTED},
    )


class SpaceChangeArguments(Arguments):
    """What to change of a space; what is left out stays as it is."""

    name: str | None = Field(
        default=None, description="A new name; its tokens stay valid. It takes SAGE_TOKEN."
    )
    retention: str | None = Field(
        default=None,
        description="For how long memories are kept, in days: `365d`; or `off`, for ever.",
    )
    masking: str | None = Field(
        default=None,
        description="Whether secrets are masked in what is saved: `on`, `off`, or `default` for"
        " the setting. What hooks capture always is.",
        json_schema_extra={"enum": [*MASKING]},
    )
    confirm: str | None = Field(
        default=None,
        description="The name of the space once more, where memories are older than `retention`:"
        " these are deleted for good.",
    )

    def to_change(self) -> SpaceChange:
        """Return the changes."""
        return SpaceChange(self.name, self.retention, self.masking, self.confirm)


class ErasedAuthorArguments(ConfirmArguments):
    """The author whose memories are to be deleted, repeated to confirm, and the space."""

    space: str | None = Field(
        default=None,
        description="Only in this space. Left out, in all, with their user and tokens; that takes"
        " SAGE_TOKEN.",
    )


class TokenArguments(Arguments):
    """A token to be created."""

    opens: list[str] = Field(
        description="The spaces that it opens, the default one first, with its role in each:"
        " `team:reader`. Without a role it is a writer."
    )
    name: str | None = Field(default=None, description="What it is called. Default: how it begins.")
    user: str | None = Field(default=None, description="The user that it belongs to.")
    expires: str | None = Field(
        default=None,
        description="How long it is valid: `12h`, `90d`, `52w`, or its last day, `2027-01-31`."
        " Left out, for ever.",
    )
    machine: Flag = Field(
        default=False,
        description="Whether it is for the hooks and imports of the machine that is its name,"
        " in one space, and for nothing else.",
    )

    def to_request(self) -> TokenRequest:
        """Return the requested token."""
        return TokenRequest(tuple(self.opens), self.name, self.user, self.expires, self.machine)


class EventArguments(Arguments):
    """The events of the audit log to read."""

    limit: WholeNumber = Field(
        default=_EVENTS.limit,
        description="How many events to return at most.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_PAGE_ITEMS},
    )
    cursor: str | None = Field(
        default=None,
        description="Where to go on: next_cursor of the previous page. Left out, the newest.",
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]{32}$"},
    )
    since: str | None = Field(
        default=None,
        description="Only from this time on: ISO 8601 (UTC without an offset), or words such as "
        "yesterday.",
    )
    until: str | None = Field(default=None, description="Only before this time, written likewise.")
    user: str | None = Field(default=None, description="Only events of this user.")
    token: str | None = Field(default=None, description="Only events of this token.")
    space: str | None = Field(
        default=None, description="Only events in this space. Left out, in all that you manage."
    )
    action: str | None = Field(
        default=None, description="Only events of this tool, route or change."
    )
    outcome: str | None = Field(
        default=None, description="Only events that ended so: `ok`, `forbidden`, `token`, ..."
    )

    def to_request(self, timezone: tzinfo) -> EventsRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        for name in ("user", "token", "space", "action", "outcome"):
            if text := getattr(self, name):
                validate_text(name, text, limits.MAX_NAME_CHARS)
        return EventsRequest(
            limit=self.limit,
            cursor=self.cursor,
            since=parse_moment("since", self.since, timezone),
            until=parse_moment("until", self.until, timezone),
            user=self.user,
            token=self.token,
            space=self.space,
            action=self.action,
            outcome=self.outcome,
        )


class LatencyArguments(Arguments):
    """The number of hours to report."""

    hours: WholeNumber = Field(
        default=24,
        description="How many hours back.",
        json_schema_extra={"minimum": 1, "maximum": 168},
    )

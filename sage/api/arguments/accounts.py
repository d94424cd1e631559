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
    """The name of an object to create."""

    name: str = Field(description="The name: letters and digits of any script, `-`, `_` and `.`.")


class ConfirmArguments(Arguments):
    """The name of an object to delete, repeated to confirm."""

    confirm: str = Field(description="The same name again, to confirm: this cannot be undone.")


class SpacesArguments(Arguments):
    """The spaces to list."""

    find: str | None = Field(
        default=None,
        description="Only spaces whose names contain this text; upper and lower case are equal.",
    )
    limit: WholeNumber | None = Field(
        default=None,
        description="The maximum number of spaces to return. Default: all.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_SPACES_LISTED},
    )


class SpaceChangeArguments(Arguments):
    """Changes to a space; omitted settings stay as they are."""

    name: str | None = Field(
        default=None, description="A new name; existing tokens remain valid. Requires SAGE_TOKEN."
    )
    retention: str | None = Field(
        default=None,
        description=(
            "How long memories are stored, in days, such as `365d`; `off` stores them"
            " without limit."
        ),
    )
    masking: str | None = Field(
        default=None,
        description=(
            "Whether secrets in saved messages are masked: `on`, `off`, or `default` to"
            " follow the setting of the server. Messages captured by hooks are always masked."
        ),
        json_schema_extra={"enum": [*MASKING]},
    )
    confirm: str | None = Field(
        default=None,
        description=(
            "The name of the space, required if memories are older than `retention`: these"
            " are permanently deleted."
        ),
    )

    def to_change(self) -> SpaceChange:
        """Return the changes."""
        return SpaceChange(self.name, self.retention, self.masking, self.confirm)


class ErasedAuthorArguments(ConfirmArguments):
    """The author whose memories are to be deleted, repeated to confirm, and the space."""

    space: str | None = Field(
        default=None,
        description=(
            "Only in this space. Default: in all spaces, with the user and their tokens;"
            " requires SAGE_TOKEN."
        ),
    )


class TokenArguments(Arguments):
    """A token to be created."""

    opens: list[str] = Field(
        description=(
            "The spaces that the token has access to, the default one first, each with a"
            " role, such as `team:reader`. The default role is writer."
        )
    )
    name: str | None = Field(
        default=None,
        description="The name of the token. Default: the first characters of the secret.",
    )
    user: str | None = Field(default=None, description="The user that the token belongs to.")
    expires: str | None = Field(
        default=None,
        description=(
            "How long the token is valid, such as `12h`, `90d` or `52w`, or its last day,"
            " such as `2027-01-31`. Default: no expiry."
        ),
    )
    machine: Flag = Field(
        default=False,
        description=(
            "Whether the token is limited to the hooks and imports of one machine, in one"
            " space. The name of the token is that of the machine."
        ),
    )

    def to_request(self) -> TokenRequest:
        """Return the requested token."""
        return TokenRequest(tuple(self.opens), self.name, self.user, self.expires, self.machine)


class EventArguments(Arguments):
    """The events of the audit log to read."""

    limit: WholeNumber = Field(
        default=_EVENTS.limit,
        description="The maximum number of events to return.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_PAGE_ITEMS},
    )
    cursor: str | None = Field(
        default=None,
        description="The `next_cursor` of the previous page. Default: the first page.",
        json_schema_extra={"pattern": "^[A-Za-z0-9_-]{32}$"},
    )
    since: str | None = Field(
        default=None,
        description="Only events from this time on: ISO 8601 (UTC without an offset), or words"
        " such as"
        " yesterday.",
    )
    until: str | None = Field(
        default=None, description="Only events before this time, in the same format."
    )
    user: str | None = Field(default=None, description="Only events of this user.")
    token: str | None = Field(default=None, description="Only events of this token.")
    space: str | None = Field(
        default=None,
        description="Only events in this space. Default: in all spaces that you manage.",
    )
    action: str | None = Field(
        default=None, description="Only events of this tool, route or change."
    )
    outcome: str | None = Field(
        default=None,
        description="Only events with this outcome, such as `ok`, `forbidden` or `token`.",
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
        description="The number of past hours to include.",
        json_schema_extra={"minimum": 1, "maximum": 168},
    )

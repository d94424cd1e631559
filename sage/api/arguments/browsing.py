"""Arguments that choose days, conversations, parts of one, and memories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from sage.api.arguments.space import PageArguments, SpaceArguments
from sage.api.arguments.strict import (
    Flag,
    JsonString,
    WholeNumber,
)
from sage.api.arguments.values import parse_choice, parse_moment, parse_period
from sage.config.timezone import checked_timezone
from sage.config.values import RefusedValueError
from sage.domain import limits
from sage.domain.activity import ActivityGroup, ActivityRequest
from sage.domain.ids import named_id, split_ids
from sage.domain.listing import ForgottenRequest, ListOrder, MemoriesRequest, SessionsRequest
from sage.domain.memories import Role, validate_role
from sage.domain.reading import ReadRequest
from sage.domain.recall_log import GivenRequest, RecallTrigger
from sage.domain.searching import Filters
from sage.domain.tidying import TidyKind, TidyRequest
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import date, tzinfo
    from uuid import UUID

    from sage.domain.caller import Caller

_A_YEAR = timedelta(days=365)
_WRITTEN = "ISO 8601 (UTC without an offset), or words such as yesterday, last week or 昨天"
_DAY = "2026-05-08, or words such as yesterday, last week or 昨天"


class MemoriesArguments(PageArguments):
    """The memories to list, and their order."""

    session_id: str | None = Field(
        default=None,
        description="Only memories of this conversation.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    role: str | None = Field(
        default=None,
        description="Only messages by this role.",
        json_schema_extra={"enum": [str(role) for role in Role]},
    )
    project: str | None = Field(
        default=None,
        description="Only entries of this project, by any of its names.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
    )
    after: str | None = Field(
        default=None, description=f"Only messages from this time on: {_WRITTEN}."
    )
    before: str | None = Field(
        default=None, description="Only messages before this time, in the same format."
    )

    order: str = Field(
        default=str(ListOrder.SAID),
        description=(
            "The time to order by, newest first: that of the message, or that at which it"
            " was stored."
        ),
        json_schema_extra={"enum": [str(order) for order in ListOrder]},
    )
    kept_from: str | None = Field(
        default=None,
        description=f"With the order `kept`: only messages stored from this time on: {_WRITTEN}.",
    )
    kept_to: str | None = Field(
        default=None,
        description="With the order `kept`: only messages stored before this time, in the same"
        " format.",
    )

    def to_memories_request(self, caller: Caller, timezone: tzinfo) -> MemoriesRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        return MemoriesRequest(
            **self.page_of(caller),
            order=parse_choice("order", self.order, ListOrder),
            kept_since=parse_moment("kept_from", self.kept_from, timezone),
            kept_until=parse_moment("kept_to", self.kept_to, timezone),
            filters=self._filters(timezone),
        )

    def _filters(self, timezone: tzinfo) -> Filters | None:
        if self.project is not None:
            validate_text("project", self.project, limits.MAX_PROJECT_CHARS)
        asked = Filters(
            session_id=self.session_id,
            role=None if self.role is None else validate_role("role", self.role),
            after=parse_moment("after", self.after, timezone),
            before=parse_moment("before", self.before, timezone),
            metadata={} if self.project is None else {"project": self.project},
            include_superseded=True,
        )
        return None if asked == Filters(include_superseded=True) else asked


class SessionsArguments(PageArguments):
    """The conversations to list."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description=f"Only conversations with messages from this time on: {_WRITTEN}.",
    )
    to: str | None = Field(
        default=None,
        description="Only conversations with messages before this time, in the same format.",
    )
    project: str | None = Field(
        default=None,
        description="Only entries of this project, by any of its names.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
    )
    source: str | None = Field(
        default=None,
        description=(
            "Only conversations saved in this way: tool, rest, cli, hook:CLIENT,"
            " import:FORMAT, unknown; or the name of a client for all of its ways."
        ),
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    author: str | None = Field(
        default=None,
        description="Only what this user, or the token of this name, saved.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )

    def to_sessions_request(self, caller: Caller, timezone: tzinfo) -> SessionsRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        return SessionsRequest(
            **self.page_of(caller),
            **parse_period(self.from_, self.to, timezone),
            project=self.project,
            source=self.source,
            author=self.author,
        )


class ForgottenArguments(PageArguments):
    """The forgotten memories to list."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description=f"Only memories that were forgotten from this time on: {_WRITTEN}.",
    )
    to: str | None = Field(
        default=None,
        description="Only memories that were forgotten before this time, in the same format.",
    )
    by: str | None = Field(
        default=None,
        description="Only memories that this user, or the token of this name, forgot.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    session_id: str | None = Field(
        default=None,
        description="Only memories of this conversation.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )

    def to_forgotten_request(self, caller: Caller, timezone: tzinfo) -> ForgottenRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        return ForgottenRequest(
            **self.page_of(caller),
            **parse_period(self.from_, self.to, timezone),
            by=self.by,
            session_id=self.session_id,
        )


class TidyArguments(PageArguments):
    """The part of a list to review."""

    limit: WholeNumber = Field(
        default=20,
        description="The maximum number of groups of memories, or of conversations, to return.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_PAGE_ITEMS},
    )

    def to_tidy_request(self, caller: Caller, kind: str) -> TidyRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        return TidyRequest(**self.page_of(caller), kind=parse_choice("kind", kind, TidyKind))


class SessionPartArguments(PageArguments):
    """The part of a conversation to read."""

    around: str | None = Field(
        default=None,
        description="The id of the message in the middle of the page, whole or short.",
    )

    @property
    def middle(self) -> UUID | str | None:
        """The id of the message in the middle, or a short id. Raises InvalidInputError."""
        return None if self.around is None else named_id("around", self.around)


class GivenArguments(PageArguments):
    """The part of the recall log to list."""

    session_id: str | None = Field(
        default=None,
        description="Only memories that this session received; cannot be combined with other"
        " filters.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    occasion: str | None = Field(
        default=None,
        description="Only memories recalled in this way.",
        json_schema_extra={"enum": [str(occasion) for occasion in RecallTrigger]},
    )
    client: str | None = Field(
        default=None,
        description="Only memories that this client received, by its identifier in `sage connect`.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    project: str | None = Field(
        default=None,
        description="Only memories recalled in this project, by any of its names.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
    )
    from_: str | None = Field(
        default=None, alias="from", description=f"Only occasions from this time on: {_WRITTEN}."
    )
    to: str | None = Field(
        default=None, description="Only occasions before this time, in the same format."
    )

    def to_given_request(self, caller: Caller, timezone: tzinfo) -> GivenRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        occasion = None
        if self.occasion is not None:
            occasion = parse_choice("occasion", self.occasion, RecallTrigger)
        return GivenRequest(
            **self.page_of(caller),
            **parse_period(self.from_, self.to, timezone),
            session_id=self.session_id,
            occasion=occasion,
            client=self.client,
            project=self.project,
        )


class _CountedBy(StrEnum):
    DAY = "day"


class ActivityArguments(SpaceArguments):
    """The days to count, and the grouping."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description=f"The first day: {_DAY}. Default: a year before the last day.",
    )
    to: str | None = Field(
        default=None,
        description="The day after the last one, in the same format. Default: tomorrow.",
    )
    timezone: str | None = Field(
        default=None,
        description="The time zone in which days begin, as an IANA name. Default: that of the"
        " server.",
        examples=["Asia/Shanghai"],
    )
    by: str = Field(
        default="day",
        description="The unit of time to count by.",
        json_schema_extra={"enum": [*map(str, _CountedBy)]},
    )
    group: str | None = Field(
        default=None,
        description="Whether to also count by client or by project.",
        json_schema_extra={"enum": [str(group) for group in ActivityGroup]},
    )

    def to_request(self, caller: Caller, timezone: tzinfo) -> ActivityRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days are those of `timezone` unless another zone is requested.
        """
        zone = timezone if self.timezone is None else _zone(self.timezone)
        parse_choice("by", self.by, _CountedBy)
        tomorrow = (datetime.now(UTC).astimezone(zone) + timedelta(days=1)).date()
        end = _day("to", self.to, zone) or tomorrow
        first = _day("from", self.from_, zone) or end - _A_YEAR
        group = None
        if self.group is not None:
            group = parse_choice("group", self.group, ActivityGroup)
        return ActivityRequest(first, end, zone, group, caller.space_id)


def _day(field: str, text: str | None, timezone: tzinfo) -> date | None:
    moment = parse_moment(field, text, timezone, naive=timezone)
    return None if moment is None else moment.astimezone(timezone).date()


def _zone(name: str) -> tzinfo:
    try:
        return checked_timezone(name)
    except RefusedValueError as refused:
        raise InvalidInputError(
            "timezone", "{field} is not a time zone", hint=refused.hint
        ) from None


_Ids = Annotated[list[str], Field(min_length=1, max_length=limits.MAX_READ_IDS)]


class DetailsArguments(SpaceArguments):
    """The arguments for reading one memory."""

    include_forgotten: Flag = Field(
        default=False,
        description=(
            "Whether to return the memory even if it was forgotten; needs the right to restore it."
        ),
    )


class ReadArguments(SpaceArguments):
    """The arguments of get_memories."""

    memory_ids: Annotated[_Ids, JsonString] = Field(
        description="Ids from search_memory or get_context, whole or short."
    )

    def to_request(self, caller: Caller) -> ReadRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        memory_ids, short_ids = split_ids("memory_ids", self.memory_ids)
        return ReadRequest(memory_ids, short_ids, caller.space_id, caller.author)

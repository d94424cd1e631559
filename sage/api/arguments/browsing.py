"""Arguments that choose days, conversations, and parts of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from sage.api.arguments.page import PageArguments
from sage.api.arguments.space import SpaceArguments
from sage.api.arguments.strict import WholeNumber  # noqa: TC001 - pydantic reads it
from sage.config.timezone import checked_timezone
from sage.config.values import RefusedValueError
from sage.domain import limits
from sage.domain.activity import ActivityGroup, ActivityRequest
from sage.domain.ids import named_id
from sage.domain.listing import ForgottenRequest, ListOrder, MemoriesRequest, SessionsRequest
from sage.domain.memories import Role, validate_role
from sage.domain.recall_log import GivenRequest, RecallTrigger
from sage.domain.searching import Filters
from sage.domain.tidying import TidyKind, TidyRequest
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.retrieval.text.relative_dates import parse_time

if TYPE_CHECKING:
    from datetime import date, tzinfo
    from uuid import UUID

    from sage.domain.caller import Caller

_A_YEAR = timedelta(days=365)
_WRITTEN = "ISO 8601 (UTC without an offset), or words such as yesterday, last week or 昨天"
_DAY = "2026-05-08, or words such as yesterday, last week or 昨天"


class MemoriesArguments(PageArguments):
    """Which memories to list, and in which order."""

    session_id: str | None = Field(
        default=None,
        description="Only of this conversation.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    role: str | None = Field(
        default=None,
        description="Only what this role said.",
        json_schema_extra={"enum": [str(role) for role in Role]},
    )
    project: str | None = Field(
        default=None,
        description="Only of this project, by any of its names.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
    )
    after: str | None = Field(
        default=None, description=f"Only what was said from this time on: {_WRITTEN}."
    )
    before: str | None = Field(
        default=None, description="Only what was said before this time, written likewise."
    )

    order: str = Field(
        default=str(ListOrder.SAID),
        description="What the newest are first by: when they were said, or when they arrived here.",
        json_schema_extra={"enum": [str(order) for order in ListOrder]},
    )
    kept_from: str | None = Field(
        default=None,
        description=f"In the order kept, only what arrived from this time on: {_WRITTEN}.",
    )
    kept_to: str | None = Field(
        default=None,
        description="In the order kept, only what arrived before this time, written likewise.",
    )

    def to_memories_request(self, caller: Caller, timezone: tzinfo) -> MemoriesRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        since, until = (
            None if text is None else _time(argument, text, timezone, naive=UTC)
            for argument, text in (("kept_from", self.kept_from), ("kept_to", self.kept_to))
        )
        order = ListOrder(_one_of("order", self.order, [*map(str, ListOrder)]))
        place = (self.limit, self.cursor, caller.space_id, caller.author)
        return MemoriesRequest(*place, order, since, until, self._filters(timezone))

    def _filters(self, timezone: tzinfo) -> Filters | None:
        after, before = (
            None if text is None else _time(argument, text, timezone, naive=UTC)
            for argument, text in (("after", self.after), ("before", self.before))
        )
        if self.project is not None:
            validate_text("project", self.project, limits.MAX_PROJECT_CHARS)
        asked = Filters(
            session_id=self.session_id,
            role=None if self.role is None else validate_role("role", self.role),
            after=after,
            before=before,
            metadata={} if self.project is None else {"project": self.project},
            include_superseded=True,
        )
        return None if asked == Filters(include_superseded=True) else asked


class SessionsArguments(PageArguments):
    """Which conversations to list."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description=f"Only with something said from this time on: {_WRITTEN}.",
    )
    to: str | None = Field(
        default=None, description="Only with something said before this time, written likewise."
    )
    project: str | None = Field(
        default=None,
        description="Only of this project, by any of its names.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
    )
    source: str | None = Field(
        default=None,
        description="Only what came in this way: tool, rest, cli, hook:CLIENT, import:FORMAT,"
        " unknown; or a client, by whichever way.",
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
        times: dict[str, datetime] = {}
        for name, argument, text in (("since", "from", self.from_), ("until", "to", self.to)):
            if text is not None:
                times[name] = _time(argument, text, timezone, naive=UTC)
        return SessionsRequest(
            self.limit,
            self.cursor,
            caller.space_id,
            caller.author,
            **times,
            project=self.project,
            source=self.source,
            author=self.author,
        )


class ForgottenArguments(PageArguments):
    """Which forgotten memories to list."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description=f"Only what was forgotten from this time on: {_WRITTEN}.",
    )
    to: str | None = Field(
        default=None, description="Only what was forgotten before this time, written likewise."
    )
    by: str | None = Field(
        default=None,
        description="Only what this user, or the token of this name, forgot.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    session_id: str | None = Field(
        default=None,
        description="Only of this conversation.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )

    def to_forgotten_request(self, caller: Caller, timezone: tzinfo) -> ForgottenRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        times: dict[str, datetime] = {}
        for name, argument, text in (("since", "from", self.from_), ("until", "to", self.to)):
            if text is not None:
                times[name] = _time(argument, text, timezone, naive=UTC)
        return ForgottenRequest(
            self.limit,
            self.cursor,
            caller.space_id,
            caller.author,
            **times,
            by=self.by,
            session_id=self.session_id,
        )


class TidyArguments(PageArguments):
    """Which part of a list to look through."""

    limit: WholeNumber = Field(
        default=20,
        description="How many groups of memories, or conversations, to return at most.",
        json_schema_extra={"minimum": 1, "maximum": limits.MAX_PAGE_ITEMS},
    )

    def to_tidy_request(self, caller: Caller, kind: str) -> TidyRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument."""
        chosen = TidyKind(_one_of("kind", kind, [*map(str, TidyKind)]))
        return TidyRequest(self.limit, self.cursor, caller.space_id, caller.author, chosen)


class SessionPartArguments(PageArguments):
    """Which part of a conversation to read."""

    around: str | None = Field(
        default=None,
        description="The id of a message, whole or short, to have in the middle of the page.",
    )

    @property
    def middle(self) -> UUID | str | None:
        """The id of that message, or a short one. Raises InvalidInputError."""
        return None if self.around is None else named_id("around", self.around)


class GivenArguments(PageArguments):
    """Which part of what was handed out to list."""

    session_id: str | None = Field(
        default=None,
        description="Only what this session was given; then nothing else narrows the list.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_SESSION_ID_CHARS},
    )
    occasion: str | None = Field(
        default=None,
        description="Only what was handed out so.",
        json_schema_extra={"enum": [str(occasion) for occasion in RecallTrigger]},
    )
    client: str | None = Field(
        default=None,
        description="Only what was handed to this client, as `sage connect` calls it.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_NAME_CHARS},
    )
    project: str | None = Field(
        default=None,
        description="Only what was handed out in this project, by any of its names.",
        json_schema_extra={"minLength": 1, "maxLength": limits.MAX_PROJECT_CHARS},
    )
    from_: str | None = Field(
        default=None, alias="from", description=f"Only from this time on: {_WRITTEN}."
    )
    to: str | None = Field(default=None, description="Only before this time, written likewise.")

    def to_given_request(self, caller: Caller, timezone: tzinfo) -> GivenRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days, such as yesterday, are those of `timezone`.
        """
        since, until = (
            None if text is None else _time(argument, text, timezone, naive=UTC)
            for argument, text in (("from", self.from_), ("to", self.to))
        )
        occasion = None
        if self.occasion is not None:
            occasion = RecallTrigger(_one_of("occasion", self.occasion, [*map(str, RecallTrigger)]))
        return GivenRequest(
            *(self.limit, self.cursor, caller.space_id, caller.author, self.session_id, occasion),
            client=self.client,
            project=self.project,
            since=since,
            until=until,
        )


class ActivityArguments(SpaceArguments):
    """Which days to count, and by what."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description=f"The first day: {_DAY}. Default: a year before the last.",
    )
    to: str | None = Field(
        default=None,
        description="The day after the last one, written likewise. Default: tomorrow.",
    )
    timezone: str | None = Field(
        default=None,
        description="A name of the IANA database: in which zone days begin. Default: the server's.",
        examples=["Asia/Shanghai"],
    )
    by: str = Field(
        default="day", description="What is counted together.", json_schema_extra={"enum": ["day"]}
    )
    group: str | None = Field(
        default=None,
        description="Count each day by client or by project.",
        json_schema_extra={"enum": [str(group) for group in ActivityGroup]},
    )

    def to_request(self, caller: Caller, timezone: tzinfo) -> ActivityRequest:
        """Build the domain's request. Raises InvalidInputError that names the argument.

        Days are those of `timezone` where no other zone is asked for.
        """
        zone = timezone if self.timezone is None else _zone(self.timezone)
        _one_of("by", self.by, ["day"])
        tomorrow = (datetime.now(UTC).astimezone(zone) + timedelta(days=1)).date()
        end = tomorrow if self.to is None else _day("to", self.to, zone)
        first = end - _A_YEAR if self.from_ is None else _day("from", self.from_, zone)
        group = None
        if self.group is not None:
            group = ActivityGroup(_one_of("group", self.group, [*map(str, ActivityGroup)]))
        return ActivityRequest(first, end, zone, group, caller.space_id)


def _time(field: str, text: str, timezone: tzinfo, naive: tzinfo) -> datetime:
    return parse_time(field, text, now=datetime.now(UTC), timezone=timezone, naive=naive)


def _day(field: str, text: str, timezone: tzinfo) -> date:
    return _time(field, text, timezone, naive=timezone).astimezone(timezone).date()


def _zone(name: str) -> tzinfo:
    try:
        return checked_timezone(name)
    except RefusedValueError as refused:
        raise InvalidInputError(
            "timezone", "{field} is not a time zone", hint=refused.hint
        ) from None


def _one_of(field: str, text: str, known: list[str]) -> str:
    if text not in known:
        raise InvalidInputError(
            field,
            phrase("{field}: {text} is unknown", text=repr(text)[:40]),
            hint=phrase("use one of {known}", known=known),
        )
    return text

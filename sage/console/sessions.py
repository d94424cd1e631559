"""The pages of conversations, each beside the list of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sage.access.authorization import current_caller
from sage.api.audit import audited
from sage.console.calendar import calendar_of
from sage.console.messages import render_messages
from sage.domain.caller import SpaceRole
from sage.domain.listing import PageRequest, SessionsRequest
from sage.domain.validation import validate_id, validate_time
from sage.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.context import PageContext
    from sage.domain.caller import Caller
    from sage.domain.listing import Session

_LISTED, _READ = 20, 100


async def sessions(context: PageContext) -> Response:
    """Show the conversations, and one of them: the chosen one, or the newest.

    Raises InvalidInputError, NotFoundError, StoreError.
    """
    asked = context.request.query_params
    role = SpaceRole.WRITER if asked.get("edit") else SpaceRole.READER
    caller = current_caller(role, context.space)
    page = _wanted(context, caller)
    listed = await context.services.listing.list_sessions(page)
    named = context.request.path_params.get("session_id")
    chosen = named or (listed.sessions[0].session_id if listed.sessions else None)
    session = None
    if chosen is not None:
        try:
            session = audited(await _read(context, caller, chosen))
        except NotFoundError:
            if not asked.get("gone"):  # all of it was just forgotten
                raise
    query, hit = asked.get("q", ""), asked.get("hit", "")
    return context.render(
        "sessions.html",
        sessions=listed.sessions,
        next_cursor=listed.next_cursor,
        previous_cursor=listed.previous_cursor,
        total=listed.total,
        total_is_exact=listed.total_is_exact,
        calendar=await calendar_of(context, caller),
        projects=await context.services.projects.name_projects(caller.space_id),
        kept={name: asked.get(name, "") for name in ("day", "project", "cursor")},
        is_narrowed=bool(asked.get("day") or asked.get("project") or page.cursor),
        is_named=named is not None,
        chosen=chosen,
        session=session,
        messages=await render_messages(
            session.memories if session else (), hit=hit, edit=asked.get("edit"), query=query
        ),
        query=query,
        hit=hit,
        gone=asked.get("gone", ""),
    )


def _wanted(context: PageContext, caller: Caller) -> SessionsRequest:
    """Return which conversations to list. Raises InvalidInputError."""
    asked = context.request.query_params
    page = SessionsRequest(
        _LISTED,
        asked.get("cursor") or None,
        caller.space_id,
        caller.author,
        project=asked.get("project") or None,
    )
    if not asked.get("day"):
        return page
    first, timezone = _day(asked["day"]), context.services.settings.timezone
    since, until = (
        datetime.combine(day, time(), timezone).astimezone(UTC)
        for day in (first, first + timedelta(days=1))
    )
    return replace(page, since=since, until=until)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(
            "day", "{field} is not a date", hint="use the format 2026-05-08"
        ) from None
    validate_time("day", text)
    return day


async def _read(context: PageContext, caller: Caller, session_id: str) -> Session:
    """Read the requested part of a conversation, or the one with the hit."""
    asked = context.request.query_params
    page = PageRequest(_READ, asked.get("part") or None, caller.space_id, caller.author)
    wanted = asked.get("hit") or asked.get("edit")
    around = validate_id("hit", wanted) if wanted and page.cursor is None else None
    return await context.services.listing.read_session(session_id, page, around)

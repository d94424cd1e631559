"""The pages that show what was said: conversations, each beside the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.authorization import current_caller
from sage.api.audited import noted
from sage.console.messages import Shown
from sage.domain.caller import SpaceRole
from sage.domain.listing import PageRequest, SessionsRequest
from sage.errors import NotFoundError
from sage.retrieval.matches import matches_in

if TYPE_CHECKING:
    from starlette.responses import Response

    from sage.console.visit import Visit
    from sage.domain.caller import Caller
    from sage.domain.listing import Session

_LISTED, _READ = 20, 100
_MOST_PAGES = 20


async def sessions(visit: Visit) -> Response:
    """Show the conversations, and one of them: the chosen one, or the newest.

    Raises InvalidInputError, NotFoundError, StoreError.
    """
    asked = visit.request.query_params
    caller = current_caller(SpaceRole.READER, visit.space)
    page = SessionsRequest(_LISTED, asked.get("cursor"), caller.space_id, caller.author)
    listed = await visit.services.listing.list_sessions(page)
    named = visit.request.path_params.get("session_id")
    chosen = named or (listed.sessions[0].session_id if listed.sessions else None)
    session = None
    if chosen is not None:
        try:
            session = noted(await _read(visit, caller, chosen))
        except NotFoundError:
            if not asked.get("gone"):  # all of it was just forgotten
                raise
    query, hit = asked.get("q", ""), asked.get("hit", "")
    return visit.show(
        "sessions.html",
        sessions=listed.sessions,
        next_cursor=listed.next_cursor,
        cursor=page.cursor,
        is_first=page.cursor is None,
        is_named=named is not None,
        chosen=chosen,
        session=session,
        messages=[
            Shown(
                memory,
                is_hit=str(memory.memory_id) == hit,
                is_edited=str(memory.memory_id) == asked.get("edit"),
                matches=matches_in(memory.content, query)
                if query and str(memory.memory_id) == hit
                else (),
            )
            for memory in (session.memories if session else ())
        ],
        query=query,
        hit=hit,
        gone=asked.get("gone", ""),
    )


async def _read(visit: Visit, caller: Caller, session_id: str) -> Session:
    """Read the part of a conversation that was asked for, or the one with the hit in it."""
    asked = visit.request.query_params
    page = PageRequest(_READ, asked.get("part"), caller.space_id, caller.author)
    session = await visit.services.listing.read_session(session_id, page)
    wanted = asked.get("hit") or asked.get("edit")
    for _ in range(_MOST_PAGES):
        held = {str(memory.memory_id) for memory in session.memories}
        if page.cursor or not wanted or wanted in held or session.next_cursor is None:
            break
        following = PageRequest(_READ, session.next_cursor, caller.space_id, caller.author)
        session = await visit.services.listing.read_session(session_id, following)
    return session

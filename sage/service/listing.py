"""Lists of memories, page by page, and counts by day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain import limits
from sage.domain.activity import Activity
from sage.domain.local_time import timezone_name
from sage.domain.split_messages import with_excerpt_of_whole
from sage.domain.validation import validate_text
from sage.errors import InvalidInputError, NotFoundError
from sage.phrases import phrase
from sage.store import listing
from sage.store.activity import count_activity, count_said
from sage.store.identification import identify, identify_session
from sage.store.repeating import repeatable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.activity import ActivityRequest, SpaceTotals
    from sage.domain.listing import (
        ForgottenPage,
        ForgottenRequest,
        MemoriesRequest,
        MemoryPage,
        PageRequest,
        Session,
        SessionPage,
        SessionsRequest,
    )
    from sage.domain.memories import Memory
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database


class ListingService:
    """The lists of one database. Every call belongs to one space."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeatable
    async def list_memories(self, page: MemoriesRequest) -> MemoryPage:
        """Read one page of memories, newest first by time or by arrival. Raises StoreError."""
        async with self._database.in_space(page.space_id) as conn:
            read = await listing.list_memories(conn, page)
        return replace(read, memories=_seen(read.memories, page))

    @repeatable
    async def list_sessions(self, page: SessionsRequest) -> SessionPage:
        """Read one page of the sessions that match, ordered by their latest message, newest first.

        With a period, that is the latest message in it. Raises StoreError.
        """
        async with self._database.in_space(page.space_id) as conn:
            return await listing.list_sessions(conn, page)

    @repeatable
    async def read_session(
        self, session_id: str, page: PageRequest, around: UUID | str | None = None
    ) -> Session:
        """Read one page of a session in order, or the one around a memory.

        Both are named by their whole ids, or by a unique part. Raises InvalidInputError if a part
        is not unique, NotFoundError, StoreError.
        """
        validate_text("session_id", session_id, limits.MAX_SESSION_ID_CHARS)
        if around is not None and page.cursor is not None:
            raise InvalidInputError(
                "around", "{field}: pass either around or cursor", hint="one of the two"
            )
        async with self._database.in_space(page.space_id) as conn:
            chosen = page
            if around is not None:
                chosen = await _around(conn, session_id, page, around)
            session = await listing.list_session(conn, session_id, chosen)
            if chosen.cursor is None and not session.memories:
                meant = await identify_session(conn, page.space_id, session_id)
                session = await listing.list_session(conn, meant, chosen)
        if chosen.cursor is None and not session.memories:
            raise NotFoundError(
                phrase("session {session_id} does not exist", session_id=repr(session_id)),
                hint="pass the id of a session that a save or a list returned",
            )
        return replace(session, memories=_seen(session.memories, page))

    @repeatable
    async def list_forgotten(self, page: ForgottenRequest) -> ForgottenPage:
        """Read one page of the forgotten memories that can be restored and match, the latest first.

        The session may be named by a part of its id. Raises InvalidInputError for a cursor that
        leads back, or if several sessions have that part, StoreError.
        """
        if page.goes_back:
            raise InvalidInputError(
                "cursor",
                "{field} is a cursor for the previous page",
                hint="pass next_cursor of the previous page",
            )
        async with self._database.in_space(page.space_id) as conn:
            if page.session_id is not None:
                meant = await identify_session(conn, page.space_id, page.session_id)
                page = replace(page, session_id=meant)
            return await listing.list_forgotten(conn, page)

    @repeatable
    async def activity(self, request: ActivityRequest) -> Activity:
        """Count the messages on each day of a range. Raises StoreError."""
        async with self._database.in_space(request.space_id) as conn:
            counts = await count_activity(conn, request)
        return Activity(timezone_name(request.timezone), request.first, request.end, counts)

    @repeatable
    async def totals(self, space_id: str) -> SpaceTotals:
        """Return the totals of a space from counters updated at each save. Raises StoreError."""
        async with self._database.in_space(space_id) as conn:
            return await count_said(conn, space_id)


async def _around(
    conn: Connection, session_id: str, page: PageRequest, around: UUID | str
) -> PageRequest:
    """Return the page of a session with a memory in its middle. Raises NotFoundError."""
    whole, short = ([around], []) if isinstance(around, UUID) else ([], [around])
    named = await identify(conn, page.space_id, whole, short, field="around")
    for memory_id in named.memory_ids:
        found = await listing.find_page_around(conn, session_id, memory_id, page)
        if found is not None:
            return found
    raise NotFoundError(
        phrase(
            "session {session_id} does not contain the memory {memory_id}",
            memory_id=around,
            session_id=repr(session_id),
        ),
        hint="pass the id of a memory and its own session, as search returns them",
    )


def _seen(memories: Sequence[Memory], page: PageRequest) -> tuple[Memory, ...]:
    return tuple(with_excerpt_of_whole(memory.seen_by(page.reader)) for memory in memories)

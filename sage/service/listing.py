"""Look at what is kept, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.split_messages import shown_whole
from sage.domain.validation import validate_text
from sage.errors import NotFoundError
from sage.phrases import phrase
from sage.store import listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.listing import MemoryPage, PageRequest, Session, SessionPage
    from sage.domain.memories import Memory
    from sage.store.connections.pool import Database


class ListingService:
    """The lists of one database. Every call belongs to one space."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_memories(self, page: PageRequest) -> MemoryPage:
        """Read one page of memories, the newest first. Raises StoreError."""
        async with self._database.in_space(page.space_id) as conn:
            read = await listing.list_memories(conn, page.space_id, page.position, page.limit)
        return replace(read, memories=_seen(read.memories, page))

    async def list_sessions(self, page: PageRequest) -> SessionPage:
        """Read one page of sessions, the one with the latest message first. Raises StoreError."""
        async with self._database.in_space(page.space_id) as conn:
            return await listing.list_sessions(conn, page.space_id, page.position, page.limit)

    async def read_session(self, session_id: str, page: PageRequest) -> Session:
        """Read one page of a session in its order.

        Raises InvalidInputError, NotFoundError, StoreError.
        """
        validate_text("session_id", session_id, limits.MAX_SESSION_ID_CHARS)
        async with self._database.in_space(page.space_id) as conn:
            session = await listing.list_session(
                conn, page.space_id, session_id, page.position, page.limit
            )
        if page.cursor is None and not session.memories:
            raise NotFoundError(
                phrase("there is no session {session_id}", session_id=repr(session_id)),
                hint="pass the id of a session that a save or a list returned",
            )
        return replace(session, memories=_seen(session.memories, page))


def _seen(memories: Sequence[Memory], page: PageRequest) -> tuple[Memory, ...]:
    return tuple(shown_whole(memory.seen_by(page.reader)) for memory in memories)

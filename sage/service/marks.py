"""Memories that were marked as not useful for questions like the one asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.errors import SageError
from sage.retrieval.text.word_hashes import is_alike, word_hashes
from sage.store.not_useful import marks_at_start, marks_on, spaces_with_marks
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_READ_EVERY_S = 30.0

log = get_logger(__name__)


class Marks:
    """Reads marks for searches. In a space without marks this takes no statement.

    Which spaces have marks is cached, and read again twice a minute: a mark made in another process
    applies here by then.
    """

    def __init__(self, database: Database) -> None:
        self._database = database.for_background()
        self._spaces: set[str] | None = None
        self._noted: set[str] = set()
        self._reading = asyncio.Lock()

    def note(self, space_id: str) -> None:
        """Record that a memory of a space was just marked."""
        self._noted.add(space_id)

    async def refresh_periodically(self) -> None:
        """Read which spaces have marks, now and twice a minute, until cancelled."""
        while True:
            await self._read()
            await asyncio.sleep(_READ_EVERY_S)

    async def has(self, space_id: str) -> bool:
        """Return whether a space may have marks; False if that cannot be read."""
        if self._spaces is None:
            async with self._reading:
                if self._spaces is None:
                    await self._read()
        return space_id in self._noted or (self._spaces is not None and space_id in self._spaces)

    async def of_question(
        self, conn: Connection, space_id: str, question: str, memory_ids: Sequence[UUID]
    ) -> Mapping[UUID, datetime]:
        """Return when memories were last marked for a question like this, by id.

        A memory counts as marked if its reply is, which is shown with it. Raises StoreError.
        """
        if not memory_ids or not await self.has(space_id):
            return {}
        marked: dict[UUID, datetime] = {}
        found = await marks_on(conn, space_id, memory_ids)
        words = word_hashes(question, found[0].word_key) if found else ()
        for mark in found:
            if is_alike(words, mark.words):
                latest = marked.get(mark.memory_id, mark.marked_at)
                marked[mark.memory_id] = max(latest, mark.marked_at)
        return marked

    async def at_start(self, conn: Connection, space_id: str, project: str) -> set[UUID]:
        """Return the memories marked at the start of sessions of a project. Raises StoreError."""
        if not await self.has(space_id):
            return set()
        return await marks_at_start(conn, space_id, project)

    async def _read(self) -> None:
        """Read them; those of before are kept while a server of a cluster is away."""
        if self._spaces is not None and self._database.absent_nodes:
            return
        noted = {*self._noted}
        try:
            async with self._database.across_spaces() as conn:
                self._spaces = await spaces_with_marks(conn)
            self._noted -= noted
        except SageError as error:
            log.warning("marks_not_read", reason=error.message)

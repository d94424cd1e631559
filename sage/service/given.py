"""The recall log, and marks of memories as not useful."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.recall_log import NotUsefulReceipt
from sage.errors import InvalidInputError, NotFoundError
from sage.phrases import phrase
from sage.store import given, not_useful
from sage.store.identification import identify
from sage.store.repeating import repeatable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.listing import PageRequest
    from sage.domain.recall_log import GivenPage, GivenRequest, NotUsefulPage, NotUsefulRequest
    from sage.service.marks import Marks
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database


class GivenService:
    """The recall log of one database. Every call belongs to one space."""

    def __init__(self, database: Database, marks: Marks) -> None:
        self._database = database
        self._marks = marks

    @repeatable
    async def list_given(self, page: GivenRequest) -> GivenPage:
        """Read one page of recalled memories, the latest occasion first. Raises StoreError."""
        _require_forward(page)
        async with self._database.in_space(page.space_id) as conn:
            return await given.list_given(conn, page)

    @repeatable
    async def list_marks(self, page: PageRequest) -> NotUsefulPage:
        """Read one page of marks, the latest first. Raises StoreError."""
        _require_forward(page)
        async with self._database.in_space(page.space_id) as conn:
            return await given.list_marks(conn, page)

    @repeatable
    async def mark(self, request: NotUsefulRequest) -> NotUsefulReceipt:
        """Mark a memory as not useful on an occasion, the latest if none is named.

        The mark applies to this and similar questions. Raises NotFoundError, InvalidInputError if a
        short id matches several, StoreError.
        """
        async with self._database.in_space(request.space_id) as conn:
            memory_id = await _identified(conn, request)
            recall_id = request.recall_id or await not_useful.latest_recall(
                conn, request.space_id, memory_id
            )
            marked = recall_id and await not_useful.mark_not_useful(
                conn, request.space_id, recall_id, memory_id, request.author
            )
        if not recall_id or not marked:
            raise NotFoundError(
                phrase(
                    "the recall log has no entry for {memory_id} at that time", memory_id=memory_id
                ),
                hint="pass recall_id and memory_id as `GET /api/v1/given` lists them",
            )
        self._marks.note(request.space_id)
        return NotUsefulReceipt(recall_id, memory_id, not_useful=True, changed=marked.changed)

    @repeatable
    async def unmark(self, request: NotUsefulRequest) -> NotUsefulReceipt:
        """Remove a mark, the latest on a memory if no occasion is named.

        Raises NotFoundError, InvalidInputError if a short id matches several, StoreError.
        """
        async with self._database.in_space(request.space_id) as conn:
            memory_id = await _identified(conn, request)
            recall_id = request.recall_id or await not_useful.latest_mark(
                conn, request.space_id, memory_id
            )
            was_marked = recall_id is not None and await not_useful.take_mark_back(
                conn, request.space_id, recall_id, memory_id
            )
        if recall_id is None:
            raise NotFoundError(
                phrase("{memory_id} is not marked as not useful", memory_id=memory_id),
                hint="`GET /api/v1/not-useful` lists the marks",
            )
        return NotUsefulReceipt(recall_id, memory_id, not_useful=False, changed=was_marked)


async def _identified(conn: Connection, request: NotUsefulRequest) -> UUID:
    ids: Sequence[UUID] = ()
    if isinstance(request.memory_id, str):
        named = await identify(conn, request.space_id, [], [request.memory_id], field="memory_id")
        ids = named.memory_ids
    else:
        ids = [request.memory_id]
    if not ids:
        raise NotFoundError(
            phrase("memory {memory_id} does not exist", memory_id=request.memory_id),
            hint="pass an id that save or search returned",
        )
    return ids[0]


def _require_forward(page: PageRequest) -> None:
    if page.goes_back:
        raise InvalidInputError(
            "cursor",
            "{field} is a cursor for the previous page",
            hint="pass next_cursor of the previous page",
        )

"""The recall log, read page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sage.domain.listing import ListPosition
from sage.domain.memories import Role
from sage.domain.provenance import UNKNOWN_SOURCE, trust_of
from sage.domain.recall_log import (
    Given,
    GivenMemory,
    GivenPage,
    NotUsefulMark,
    NotUsefulPage,
    RecallTrigger,
)
from sage.domain.relevance import Relevance
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sage.domain.listing import PageRequest
    from sage.domain.recall_log import GivenRequest
    from sage.store.connections.connection import Connection

_LIST_MARKS = query("list_marks")
_LIST_RECALLS = query("list_recalls")
_LIST_RECALLS_OF_SESSION = query("list_recalls_of_session")
_MEMORIES_OF_RECALLS = query("memories_of_recalls")

_PREVIEW_CHARS = 400
_DIGITS = 2


async def list_given(conn: Connection, page: GivenRequest) -> GivenPage:
    """Read one page of recalled memories, the latest occasion first. Raises StoreError."""
    before = page.position.memory_id if page.position else None
    if page.session_id is not None:
        of_session = (page.space_id, page.session_id, before, page.limit + 1)
        rows = await conn.fetch(_LIST_RECALLS_OF_SESSION, *of_session)
    else:
        rows = await conn.fetch(
            _LIST_RECALLS,
            *(page.space_id, before, _first_id(page.since), _first_id(page.until)),
            *(page.occasion, page.client, page.project, page.limit + 1),
        )
    shown = rows[: page.limit]
    ids = [row["recall_id"] for row in shown]
    by_recall: dict[UUID, list[GivenMemory]] = {one: [] for one in ids}
    for row in await conn.fetch(_MEMORIES_OF_RECALLS, page.space_id, ids, _PREVIEW_CHARS):
        by_recall[row["recall_id"]].append(_memory(row, page.reader))
    given = tuple(
        Given(
            **{
                **row,
                "occasion": RecallTrigger(row["occasion"]),
                "relevance": row["relevance"] and Relevance(row["relevance"]),
            },
            memories=tuple(by_recall[row["recall_id"]]),
        )
        for row in shown
    )
    return GivenPage(given, _cursor(rows, shown, "at"))


async def list_marks(conn: Connection, page: PageRequest) -> NotUsefulPage:
    """Read one page of marks as not useful, the latest mark first. Raises StoreError."""
    start = page.position
    place = (start.created_at, start.memory_id) if start else (None, None)
    rows = await conn.fetch(_LIST_MARKS, page.space_id, *place, page.limit + 1, _PREVIEW_CHARS)
    shown = rows[: page.limit]
    marks = tuple(
        NotUsefulMark(
            row["recall_id"],
            RecallTrigger(row["occasion"]),
            row["project"],
            row["marked_at"],
            row["marked_by"],
            _memory(row, page.reader),
        )
        for row in shown
    )
    return NotUsefulPage(marks, _cursor(rows, shown, "marked_at"))


def _memory(row: Mapping[str, Any], reader: str | None) -> GivenMemory:
    likely, preview = row.get("probability"), row["content"]
    if preview is not None and len(preview) > _PREVIEW_CHARS:
        preview = f"{preview[:_PREVIEW_CHARS]}…"
    return GivenMemory(
        row["memory_id"],
        row["session_id"],
        Role(row["role"]),
        row["name"],
        preview,
        row["created_at"],
        row["author"],
        row["source"] or UNKNOWN_SOURCE,
        trust_of(row["author"], row["source"], reader),
        None if likely is None else round(likely, _DIGITS),
        row["superseded_at"],
        row["forgotten_at"],
        row["marked_at"],
    )


def _first_id(moment: datetime | None) -> UUID | None:
    """Return the least id of version 7 at a time: such ids are in order of time."""
    return None if moment is None else UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


def _cursor(
    rows: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]], moment: str
) -> str | None:
    if len(rows) == len(shown):
        return None
    return ListPosition(shown[-1][moment], shown[-1]["recall_id"]).to_cursor()

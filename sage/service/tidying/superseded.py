"""Superseded memories, each with its current replacement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.domain.listing import ListPosition
from sage.domain.tidying import TidyGroup, TidyPage
from sage.store.tidying import read_shown, walk_superseded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.tidying import TidyRequest
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.tidying import Superseded

_STEP = 200
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The time in cursors, in which the ids of replaced memories are in order of arrival."""


async def superseded(database: Database, request: TidyRequest) -> TidyPage:
    """List superseded memories, the latest stored first. Raises StoreError.

    A memory whose replacement was forgotten is valid again, and is not listed.
    """
    start = request.position
    async with database.in_space(request.space_id) as conn:
        before = start.memory_id if start else None
        walked = await walk_superseded(conn, request.space_id, before, _STEP)
        ends = [place for place, one in enumerate(walked, 1) if one.newer_id is not None]
        looked_at = ends[request.limit - 1] if len(ends) >= request.limit else len(walked)
        has_more = looked_at < len(walked) or len(walked) == _STEP
        groups = await _groups(conn, request.space_id, walked[:looked_at])
    last = walked[looked_at - 1] if walked else None
    cursor = None
    if last is not None and has_more:
        cursor = ListPosition(_NO_TIME, last.memory_id).to_cursor()
    times = [group.memories[0].created_at for group in groups]
    return TidyPage(
        kind=request.kind,
        groups=groups,
        sessions=(),
        next_cursor=cursor,
        looked_at=looked_at,
        looked_back_to=min(times, default=None),
    )


async def _groups(
    conn: Connection, space_id: str, walked: Sequence[Superseded]
) -> tuple[TidyGroup, ...]:
    pairs = [(one.memory_id, one.newer_id) for one in walked if one.newer_id is not None]
    shown = await read_shown(conn, space_id, [one for pair in pairs for one in pair])
    return tuple(
        TidyGroup((replace(shown[old][0], suggested=True), shown[newer][0]))
        for old, newer in pairs
        if old in shown and newer in shown
    )

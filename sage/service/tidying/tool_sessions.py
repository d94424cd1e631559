"""Conversations without a message of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.listing import ListPosition
from sage.domain.tidying import TidyPage
from sage.store.tidying import count_totals, read_summaries, walk_sessions

if TYPE_CHECKING:
    from sage.domain.tidying import TidyRequest
    from sage.store.connections.pool import Database

_STEP = 200


async def tool_sessions(database: Database, request: TidyRequest) -> TidyPage:
    """Find conversations without a user, latest first. Raises StoreError."""
    async with database.in_space(request.space_id) as conn:
        walked = await walk_sessions(conn, request, _STEP)
        ends = [place for place, one in enumerate(walked, 1) if not one.has_person]
        looked_at = ends[request.limit - 1] if len(ends) >= request.limit else len(walked)
        ids = [one.session_id for one in walked[:looked_at] if not one.has_person]
        found = await read_summaries(conn, request.space_id, ids)
        _, total = await count_totals(conn, request.space_id)
    last = walked[looked_at - 1] if walked else None
    has_more = looked_at < len(walked) or len(walked) == _STEP
    cursor = ListPosition(last.placed_at, last.place).to_cursor() if last else None
    return TidyPage(
        kind=request.kind,
        groups=(),
        sessions=tuple(found[one] for one in ids if one in found),
        next_cursor=cursor if has_more else None,
        looked_at=looked_at,
        looked_back_to=last.placed_at if last else None,
        total=total,
    )

"""Memories that say word for word what others say near them in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.listing import ListPosition
from sage.domain.tidying import TidyPage
from sage.service.tidying.groups import groups_of
from sage.store.tidying import count_totals, find_duplicates

if TYPE_CHECKING:
    from sage.domain.tidying import TidyRequest
    from sage.store.connections.pool import Database

_STEP = 2_000
_REACH = 2_000
"""How many memories lie at most between two that are compared."""
_MAX_LISTED = 10


async def duplicates(database: Database, request: TidyRequest) -> TidyPage:
    """Find equal texts of one speaker, among memories from the newest on. Raises StoreError.

    A group stands where its newest memory does.
    """
    async with database.in_space(request.space_id) as conn:
        walked = await find_duplicates(conn, request, step=_STEP, reach=_REACH, most=_MAX_LISTED)
        found = walked.found[: request.limit]
        groups = await groups_of(
            conn,
            request.space_id,
            [one.memory_ids for one in found],
            more=[one.number - len(one.memory_ids) for one in found],
        )
        total, _ = await count_totals(conn, request.space_id)
    end, looked_at, there_is_more = walked.end, walked.looked_at, walked.there_is_more
    if len(walked.found) > len(found):
        last = found[-1]
        end = ListPosition(last.created_at, last.memory_ids[0])
        looked_at, there_is_more = last.place, True
    return TidyPage(
        kind=request.kind,
        groups=groups,
        sessions=(),
        next_cursor=end.to_cursor() if end and there_is_more else None,
        looked_at=looked_at,
        looked_back_to=end.created_at if end else None,
        total=total,
    )

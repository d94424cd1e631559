"""Numbers of messages by day, from counters that are updated with each save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.activity import ActivityCount, SpaceTotals
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.domain.activity import ActivityRequest
    from sage.store.connections.connection import Connection

_COUNT_ACTIVITY = query("count_activity")
_COUNT_SAID = query("count_said")


async def count_activity(conn: Connection, request: ActivityRequest) -> tuple[ActivityCount, ...]:
    """Count the messages on each day of a range; days without any are left out."""
    days = request.days
    rows = await conn.fetch(_COUNT_ACTIVITY, request.space_id, list(request.bounds), request.group)
    return tuple(
        ActivityCount(days[row["span"] - 1], row["memories"], row["sessions"], row["name"])
        for row in rows
    )


async def count_said(conn: Connection, space_id: str) -> SpaceTotals:
    """Return the numbers of messages and sessions in a space, and the time of the first message."""
    return SpaceTotals(**(await conn.fetch(_COUNT_SAID, space_id))[0])

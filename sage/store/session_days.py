"""Counts of messages by session and day: updated where memories were not only added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_COUNT_DAYS = query("count_days_again")
_COUNT_SESSIONS = query("count_sessions_again")


async def count_days_again(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> None:
    """Count the days of changed memories again.

    Call it after forgetting, restoring or changing memories, in the same transaction.
    """
    if memory_ids:
        await conn.execute(_COUNT_DAYS, space_id, list(memory_ids))


async def count_sessions_again(conn: Connection, space_id: str, sessions: Iterable[str]) -> int:
    """Count all days of sessions again whose memories were deleted in this transaction.

    Return how many days were removed.
    """
    return int(await conn.fetchval(_COUNT_SESSIONS, space_id, list(set(sessions))))

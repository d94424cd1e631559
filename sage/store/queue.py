"""The embedding queue: the memories that still need vectors, and the leases of workers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sage.domain.embedded_extent import EmbeddedExtent
from sage.domain.memories import QueueStats
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.connection import Connection

_ASYNC_COMMIT = query("async_commit")
_COMPLETE_ITEMS = query("complete_items")
_COUNT_PENDING = query("count_pending")
_COUNT_QUEUE = query("count_queue")
_FAIL_ITEMS = query("fail_items")
_LEASE_DUE = query("lease_due")
_OLDEST_AGE = query("oldest_age")
_POSTPONE_ITEMS = query("postpone_items")
_RELEASE_ITEMS = query("release_items")
_RENEW_LEASES = query("renew_leases")

_MAX_ERROR_CHARS = 500
_ITEM = (
    *("space_id", "memory_id", "content", "attempts", "deliveries"),
    *("enqueued_at", "leased_until", "extent"),
)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A memory to be embedded. `attempts` counts leases, this one included.

    `deliveries` counts consecutive leases without an outcome, and this one. `leased_until`
    identifies this lease: no two of an item end at the same time. `extent` is the number of an
    `EmbeddedExtent`.
    """

    space_id: str
    memory_id: UUID
    content: str
    attempts: int
    deliveries: int
    enqueued_at: datetime
    leased_until: datetime
    extent: int = EmbeddedExtent.WHOLE

    @property
    def key(self) -> tuple[str, UUID]:
        """Its unique identifier."""
        return self.space_id, self.memory_id


@dataclass(slots=True)
class RoundRobin:
    """The space that had the last turn; empty when all had theirs and the first is next."""

    last_space: str = ""


async def async_commit(conn: Connection) -> None:
    """Commit the transaction of `conn` asynchronously: if it is lost, only time is lost.

    Only for work that stays in the queue when a crash undoes it: leases, and vectors together with
    the completion of their work.
    """
    await conn.execute(_ASYNC_COMMIT)


async def lease_due(
    conn: Connection, limit: int, lease_s: float, turns: RoundRobin | None = None
) -> list[QueueItem]:
    """Lease at most `limit` items for `lease_s` seconds; those of a dead worker become due again.

    Spaces take turns: at most `limit` of them share a call, the others follow in the next call with
    the same `turns`.
    """
    turns = RoundRobin() if turns is None else turns
    rows: Sequence[Mapping[str, Any]] = ()
    while not rows:
        after = turns.last_space
        rows = await conn.fetch(_LEASE_DUE, limit, lease_s, after)
        turns.last_space = rows[0]["last_space"] if rows else ""
        if not after:
            break
    return [QueueItem(*(row[name] for name in _ITEM)) for row in rows]


async def renew(conn: Connection, items: Sequence[QueueItem], lease_s: float) -> list[QueueItem]:
    """Renew the leases of items for `lease_s` seconds from now; return those still held.

    An item whose lease ended and which another worker leased is returned unchanged.
    """
    rows = await conn.fetch(_RENEW_LEASES, *_leases(items), lease_s)
    until = {(row["space_id"], row["memory_id"]): row["leased_until"] for row in rows}
    return [replace(item, leased_until=until.get(item.key, item.leased_until)) for item in items]


async def complete(conn: Connection, items: Sequence[QueueItem]) -> None:
    """Delete finished items; call it in the transaction that stores their vectors.

    Here and below, an item whose lease ended and which another worker leased is left to that one.
    """
    await conn.execute(_COMPLETE_ITEMS, *_leases(items))


async def postpone(
    conn: Connection, items: Sequence[QueueItem], delay_s: float, error: str
) -> None:
    """Make items due again in `delay_s` seconds, and record the error."""
    await conn.execute(_POSTPONE_ITEMS, *_leases(items), delay_s, _storable(error))


async def release(conn: Connection, items: Sequence[QueueItem], error: str | None = None) -> None:
    """Release items at once without counting the attempt, and record why they did not fail."""
    reason = None if error is None else _storable(error)
    await conn.execute(_RELEASE_ITEMS, *_leases(items), reason)


async def fail(conn: Connection, items: Sequence[QueueItem], error: str) -> None:
    """Mark items as failed and record the error; searches by words still find them."""
    await conn.execute(_FAIL_ITEMS, *_leases(items), _storable(error))


async def queue_stats(conn: Connection, space_id: str | None) -> QueueStats:
    """Count waiting and failed items in a space, or in all spaces for None."""
    row = await conn.fetchrow(_COUNT_QUEUE, space_id)
    return QueueStats(0, 0) if row is None else QueueStats(**row)


async def count_pending(conn: Connection, space_id: str, most: int) -> int:
    """Count the waiting items in a space, up to `most`."""
    return int(await conn.fetchval(_COUNT_PENDING, space_id, most) or 0)


async def oldest_age_s(conn: Connection) -> float:
    """Return how many seconds the oldest waiting item has waited; 0 if none waits."""
    return float(await conn.fetchval(_OLDEST_AGE) or 0)


def _leases(items: Sequence[QueueItem]) -> tuple[list[str], list[UUID], list[datetime]]:
    return (
        [item.space_id for item in items],
        [item.memory_id for item in items],
        [item.leased_until for item in items],
    )


def _storable(error: str) -> str:
    return error[:_MAX_ERROR_CHARS].replace("\x00", "").encode(errors="replace").decode()

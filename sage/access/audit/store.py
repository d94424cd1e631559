"""The table of the audit log, which is appended to, read, and purged by age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic_core import to_json

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from sage.access.audit.event import AuditEvent
    from sage.store.connections.connection import Connection

_LIST_EVENTS = query("list_events")
_PURGE_EVENTS = query("purge_events")
_RECORD_EVENTS = query("record_events")
_RECORD_SAVE = query("record_save")

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Filters of events: since a time, by user, by token, by space, by action."""

    since: datetime | None = None
    user: str | None = None
    token: str | None = None
    space: str | None = None
    action: str | None = None


async def record_events(conn: Connection, events: Sequence[AuditEvent]) -> None:
    """Append events, ignoring those that exist already. Raises StoreError."""
    await conn.execute(_RECORD_EVENTS, to_json(events).decode())


async def record_save(conn: Connection, event: str) -> None:
    """Append the event of a save, as text, in the transaction that saves. Raises StoreError."""
    await conn.execute(_RECORD_SAVE, event)


async def read_events(
    conn: Connection, choice: EventFilter, limit: int | None
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield events, the newest first; all of them without a limit. Raises StoreError."""
    last: tuple[datetime | None, UUID | None] = (None, None)
    left = limit
    chosen = (choice.since, choice.user, choice.token, choice.space, choice.action)
    while left is None or left > 0:
        page = _PAGE if left is None else min(left, _PAGE)
        rows = await conn.fetch(_LIST_EVENTS, *chosen, page, *last)
        for row in rows:
            yield row
        if len(rows) < page:
            return
        last = (rows[-1]["at"], rows[-1]["event_id"])
        left = None if left is None else left - page


async def purge_events(conn: Connection, days: int) -> int:
    """Delete the events older than so many days, and return how many. Raises StoreError."""
    purged = 0
    while rows := await conn.fetch(_PURGE_EVENTS, days, _PAGE):
        purged += len(rows)
    return purged

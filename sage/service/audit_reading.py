"""Reads the audit log for owners of spaces and managers of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.accounts.spaces import identify_spaces
from sage.access.authorization import no_space
from sage.domain.audited import Event, EventPage
from sage.domain.listing import ListPosition
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.domain.audited import EventsRequest
    from sage.domain.caller import SpaceManager
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_BOUND = query("bound_of_events")
_PAGE = query("page_of_events")

LOOKED_AT = 10_000
"""The number of events that one call examines: a filter with few matches must not read the log."""


class AuditReader:
    """Reads the log page by page. Owners see the events of their spaces only."""

    def __init__(self, database: Database, *, looked_at: int = LOOKED_AT) -> None:
        self._database = database
        self._looked_at = looked_at

    async def read(self, manager: SpaceManager, wanted: EventsRequest) -> EventPage:
        """Return one page. Raises NoSpaceError, StoreError."""
        async with self._database.transaction_across_spaces() as conn:
            return await self._read(conn, manager, wanted)

    async def _read(
        self, conn: Connection, manager: SpaceManager, wanted: EventsRequest
    ) -> EventPage:
        after = _key(wanted.position)
        spaces = await _chosen(conn, manager, wanted.space)
        bound = await conn.fetchrow(_BOUND, self._looked_at, *after)
        least = (None, None) if bound is None else (bound["at"], bound["event_id"])
        chosen = (wanted.since, wanted.until, wanted.user, wanted.token)
        chosen_by = (*chosen, wanted.action, wanted.outcome)
        rows = await conn.fetch(_PAGE, *after, *least, spaces, *chosen_by, wanted.limit)
        events = tuple(Event(**{**row, "ids": tuple(row["ids"])}) for row in rows)
        last = None
        if len(events) == wanted.limit:
            last = ListPosition(events[-1].at, events[-1].event_id)
        elif bound is not None and (wanted.since is None or bound["at"] >= wanted.since):
            last = ListPosition(*least)
        return EventPage(events, None if last is None else last.to_cursor())


def _key(position: ListPosition | None) -> tuple[object, object]:
    return (None, None) if position is None else (position.created_at, position.memory_id)


async def _chosen(conn: Connection, manager: SpaceManager, space: str | None) -> list[str] | None:
    """Return the ids of the spaces to read; None for all events, also those in no space.

    Raises NoSpaceError for a space that does not exist and for one that others manage.
    """
    if space is None:
        return None if manager.manages_all else [*manager.owned]
    if manager.manages_all:
        found = (await identify_spaces(conn, [space])).get(space)
    else:
        found = next((key for key, name in manager.owned.items() if name == space), None)
    if found is None:
        raise no_space(space, sorted(manager.owned.values()))
    return [found]

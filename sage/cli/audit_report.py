"""The audit log for people, and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json, to_jsonable_python

from sage.access.audit.store import read_events
from sage.cli.terminal.table import Table
from sage.domain.local_time import local_time_text
from sage.domain.text.wording import one_line
from sage.phrases import phrase
from sage.store.migrate import require_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo
    from typing import Any

    from sage.access.audit.store import EventFilter
    from sage.cli.terminal.console import Console
    from sage.store.connections.pool import Database

_HEADING = ("time", "token", "user", "from", "action", "space", "outcome", "ids")
_SHOWN_CHARS = 40


async def write_events(  # noqa: PLR0913 - which, how many, how
    console: Console,
    database: Database,
    *,
    choice: EventFilter,
    limit: int | None,
    timezone: tzinfo,
    as_json: bool,
) -> None:
    """Write the latest events: a table, or one JSON array; without a limit all, as JSON Lines.

    Raises StoreError.
    """
    await require_schema(database)
    async with database.transaction_across_spaces() as conn:
        events = read_events(conn, choice, limit)
        if limit is None:
            async for event in events:
                console.write(to_json(_as_object(event)).decode())
            return
        found = [event async for event in events]
    if as_json:
        console.write_json(to_jsonable_python([_as_object(event) for event in found]))
    elif found:
        rows = [_row(event, timezone) for event in found]
        Table(_HEADING, rows, left=len(_HEADING)).write(console)
    else:
        console.note(phrase("no such events"))


def _as_object(event: Mapping[str, Any]) -> dict[str, object]:
    """Return an event for programs; fields that do not apply are left out."""
    fields = {name: value for name, value in event.items() if name not in {"space", "space_name"}}
    fields["space"] = event["space_name"] or event["space"]
    return {name: value for name, value in fields.items() if value not in (None, [], 0, "")}


def _row(event: Mapping[str, Any], timezone: tzinfo) -> list[str]:
    more = event["unrecorded"]
    return [
        local_time_text(event["at"], timezone),
        event["token_name"] or "-",
        event["user_name"] or "-",
        event["origin"] or "-",
        event["action"],
        event["space_name"] or event["space"] or "-",
        phrase("{outcome} (and {more:,} more)", outcome=event["outcome"], more=more)
        if more
        else event["outcome"],
        _ids_text(event),
    ]


def _ids_text(event: Mapping[str, Any]) -> str:
    ids = event["ids"]
    if not ids:
        return "-"
    others = event["id_count"] - 1
    first = one_line(ids[0])[:_SHOWN_CHARS]
    return phrase("{id} and {others:,} more", id=first, others=others) if others else first

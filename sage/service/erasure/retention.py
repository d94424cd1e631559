"""Retention: how long the memories of a space are stored; unlimited unless it is set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sage.access.accounts.spaces import find_space
from sage.access.audit.event import Surface
from sage.access.audit.management import record_change
from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.service.erasure.deleting import delete_memories, read_catalog
from sage.store.named_sql import query
from sage.store.project_names import drop_unused_names

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_CHOOSE_AGED = query("choose_aged")
_COUNT_AGED = query("count_aged")
_LIST_RETENTIONS = query("list_retentions")
_SET_RETENTION = query("set_retention")

OFF = "off"
_BATCH = 1_000
_MAX_DAYS = 36_500
_DAYS = re.compile(r"([1-9]\d{0,4})d")


def read_days(text: str, *, called: str = "TIME") -> int | None:
    """Parse a retention: the days of `365d`, or None for `off`; `called` is the argument's name.

    Raises InvalidInputError.
    """
    if text == OFF:
        return None
    found = _DAYS.fullmatch(text)
    if found is None or int(found[1]) > _MAX_DAYS:
        raise InvalidInputError(
            called,
            phrase("{field}: {text} is not a number of days", text=repr(text)[:40]),
            hint="pass 365d, for example, or off",
        )
    return int(found[1])


async def count_aged(conn: Connection, space: str, days: int) -> int:
    """Count the memories of a space older than `days`. Raises NotFoundError, StoreError."""
    return int(await conn.fetchval(_COUNT_AGED, await find_space(conn, space), days))


async def set_retention(conn: Connection, space: str, days: int | None) -> None:
    """Set how many days memories of a space are stored. Raises NotFoundError, StoreError."""
    space_id = await find_space(conn, space)
    await conn.execute(_SET_RETENTION, space_id, days)
    kept = OFF if days is None else f"{days}d"
    await record_change(conn, "set_retention", space, kept, space=space_id)


async def delete_aged(database: Database) -> int:
    """Delete memories older than the retention of their space permanently; return how many.

    Works in batches, each committed separately. Raises StoreError.
    """
    deleted = 0
    async with database.transaction_across_spaces() as conn:
        tables = await read_catalog(conn)
        retentions = await conn.fetch(_LIST_RETENTIONS)
    for retention in retentions:
        while True:
            async with database.transaction_across_spaces() as conn:
                chosen = await conn.fetch(
                    _CHOOSE_AGED, retention["space_id"], retention["days"], _BATCH
                )
                await delete_memories(conn, tables, retention["space_id"], chosen)
                if chosen:
                    await record_change(
                        conn,
                        "delete_aged",
                        *(row["memory_id"] for row in chosen),
                        surface=Surface.PROCESS,
                        space=retention["space_id"],
                    )
            deleted += len(chosen)
            if len(chosen) < _BATCH:
                break
        async with database.transaction_across_spaces() as conn:
            await drop_unused_names(conn, retention["space_id"])
    return deleted

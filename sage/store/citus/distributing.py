"""Distribute a database with Citus, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.text.wording import counted
from sage.errors import StoreError
from sage.store.citus.bringing_in import (
    SHARDS,
    Distribution,
    bring_in,
    read_distribution,
    require_workers,
)
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_APPLICATION = "sage migrate"
"""The application name of this connection, which distinguishes it from others."""

_LOCK_MIGRATIONS = query("lock_migrations")
_OTHER_SESSIONS = query("count_other_sessions")


async def look(database: Database) -> Distribution:
    """Return what would be distributed; changes nothing.

    Raises StoreError if it cannot be distributed.
    """
    async with database.across_spaces() as conn:
        found = await read_distribution(conn)
    require_workers(found)
    return found


async def distribute(database: Database, *, shards: int = SHARDS) -> Distribution:
    """Distribute what is not distributed yet; return the state before. Takes minutes per gigabyte.

    The database has the schema of this release, and is not used meanwhile. Raises StoreError,
    without any change, as `look` does, and while another Sage is connected.
    """
    await look(database)
    async with database.maintenance_connection({"application_name": _APPLICATION}) as conn:
        others = await conn.fetchval(_OTHER_SESSIONS) - database.pool_usage.size
        if others > 0:
            raise StoreError(
                "Sage is running on this database",
                detail=counted(others, "connection", "connections"),
                hint="stop every Sage that uses it, then run the command again",
            )
        found = await _bring_in(conn, shards)
    await database.renew_sessions(all_of_them=True)
    return found


async def distribute_unused(database: Database) -> None:
    """Distribute the rest of a database that no Sage can use meanwhile. Raises StoreError."""
    async with database.maintenance_connection() as conn:
        await _bring_in(conn, SHARDS)
    await database.renew_sessions(all_of_them=True)
    async with database.across_spaces():
        pass  # detects that the database is distributed now


async def _bring_in(conn: Connection, shards: int) -> Distribution:
    async with conn.transaction():
        await conn.execute(_LOCK_MIGRATIONS)
        found = await read_distribution(conn)
        await bring_in(conn, found, shards=shards)
    return found

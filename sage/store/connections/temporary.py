"""A database that is dropped after use."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.errors import StoreError
from sage.store.connections.pool import open_database
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_NAME = query("temporary_database_name")
_ABANDONED = query("abandoned_databases")
_CREATION = query("temporary_database_creation")
_ABANDONED_REMOVAL = query("abandoned_database_removal")
_REMOVAL = query("temporary_database_removal")
_TIMEOUT_S = 60.0


@asynccontextmanager
async def temporary_database(dsn: str) -> AsyncIterator[str]:
    """Create an empty database beside that of `dsn` and yield its DSN; drop it afterwards.

    The content of the database of `dsn` is not changed. Temporary databases of this role whose
    creators were killed are dropped first; a session in each shows that its creator lives. Raises
    StoreError.
    """
    async with _opened(dsn) as server:
        async with server.across_spaces() as conn:
            await _drop_abandoned(conn)
            name = await conn.fetchval(_NAME)
            try:
                await conn.execute(await conn.fetchval(_CREATION, name))
            except StoreError as error:
                raise StoreError(
                    "a database for this run could not be made",
                    detail=str(error),
                    hint="allow it with ALTER ROLE ... CREATEDB, or unset DATABASE_URL to use the "
                    "embedded PostgreSQL",
                ) from error
        temporary = urlsplit(dsn)._replace(path=f"/{name}").geturl()
        try:
            async with _opened(temporary) as held, held.across_spaces():
                yield temporary
        finally:
            async with server.across_spaces() as conn:
                await conn.execute(await conn.fetchval(_REMOVAL, name))


async def _drop_abandoned(conn: Connection) -> None:
    for record in await conn.fetch(_ABANDONED):
        with suppress(StoreError):  # another run dropped it first
            await conn.execute(await conn.fetchval(_ABANDONED_REMOVAL, record["datname"]))


@asynccontextmanager
async def _opened(dsn: str) -> AsyncIterator[Database]:
    database = await open_database(dsn, max_size=1, command_timeout_s=_TIMEOUT_S)
    try:
        yield database
    finally:
        await database.close()

"""A database that is gone when the work with it is done."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sage.errors import StoreError
from sage.store.named_sql import query
from sage.store.pool import open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_NAME = query("temporary_database_name")
_CREATION = query("temporary_database_creation")
_REMOVAL = query("temporary_database_removal")
_TIMEOUT_S = 60.0


@asynccontextmanager
async def temporary_database(dsn: str) -> AsyncIterator[str]:
    """Make an empty database beside that of `dsn` and give its DSN; drop it afterwards.

    What the database of `dsn` holds is not touched. Raises StoreError.
    """
    server = await open_database(dsn, max_size=1, command_timeout_s=_TIMEOUT_S)
    try:
        async with server.connection() as conn:
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
        try:
            yield urlsplit(dsn)._replace(path=f"/{name}").geturl()
        finally:
            async with server.connection() as conn:
                await conn.execute(await conn.fetchval(_REMOVAL, name))
    finally:
        await server.close()

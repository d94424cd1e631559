"""The database into which a backup is restored."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from sage.config.dsn import checked_dsn
from sage.config.values import RefusedValueError
from sage.errors import BackupError, InvalidInputError, StoreError
from sage.phrases import phrase
from sage.store.connections.pool import open_database
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.store.connections.pool import Database

_DATABASE_CREATION = query("database_creation")
_DATABASE_REMOVAL = query("temporary_database_removal")
_HAS_DATABASE = query("has_database")


@asynccontextmanager
async def database_at(url: str) -> AsyncIterator[Database]:
    """Open the database of a URL. Raises InvalidInputError, StoreError."""
    try:
        database = await open_database(checked_dsn(url), max_size=1)
    except RefusedValueError as error:
        problem = phrase("{field} {problem}", problem=error.message)
        raise InvalidInputError("--into", problem, hint=error.hint) from error
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def database_beside(database: Database, name: str) -> AsyncIterator[Database]:
    """Open another database of the same server, creating it if it is missing.

    If it was created, it is dropped again when the block raises. Raises BackupError, StoreError.
    """
    async with database.across_spaces() as conn:
        is_new = not await conn.fetchval(_HAS_DATABASE, name)
        if is_new:
            try:
                await conn.execute(await conn.fetchval(_DATABASE_CREATION, name))
            except StoreError as error:
                raise BackupError(
                    phrase("the database {name} could not be created", name=name),
                    detail=error.message,
                    hint="allow it with ALTER ROLE ... CREATEDB, or create it yourself and pass "
                    "its URL to --into",
                ) from error
    url = urlsplit(database.dsn)._replace(path=f"/{quote(name, safe='')}").geturl()
    try:
        async with database_at(url) as beside:
            yield beside
    except BaseException:
        if is_new:
            async with database.across_spaces() as conn:
                await conn.execute(await conn.fetchval(_DATABASE_REMOVAL, name))
        raise

"""The requirements of the schema for servers and databases, and what is missing in which."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from sage.errors import SchemaError, StoreError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.store.connections.connection import Connection

OLDEST_POSTGRES, NEWEST_POSTGRES = 15, 18
"""Major versions."""
MIN_PGVECTOR = (0, 7)

_SUITABILITY = query("suitability")


async def require_suitable(conn: Connection) -> None:
    """Check the version and the encoding of a database before anything is created in it.

    Raises SchemaError, StoreError.
    """
    found = await conn.fetchrow(_SUITABILITY)
    if found is None:
        raise StoreError("the database did not report its version")
    if found["version_number"] // 10_000 < OLDEST_POSTGRES:
        raise SchemaError(
            phrase("PostgreSQL {version} is too old", version=found["postgres"]),
            hint=phrase(
                "use PostgreSQL {oldest} to {newest}",
                oldest=OLDEST_POSTGRES,
                newest=NEWEST_POSTGRES,
            ),
        )
    if found["encoding"] != "UTF8":
        raise SchemaError(
            phrase(
                "the encoding of the database is {encoding}, which does not support every language",
                encoding=found["encoding"],
            ),
            hint="create Sage's database with ENCODING 'UTF8' TEMPLATE template0",
        )
    if found["pgvector"] is not None and is_too_old(found["pgvector"]):
        raise _old_pgvector(phrase("it has version {version}", version=found["pgvector"]))


def is_too_old(version: str) -> bool:
    """Return whether a version of pgvector lacks what Sage needs."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < MIN_PGVECTOR


@contextmanager
def explaining() -> Iterator[None]:
    """Raise an error with a hint for an operation that a database does not support."""
    try:
        yield
    except StoreError as error:
        explained = _explained(error)
        if explained is None:
            raise
        raise explained from error.__cause__


def _explained(error: StoreError) -> SchemaError | None:
    """Return how to fix a database that does not support the schema, None for other errors."""
    match error.__cause__:
        case asyncpg.InsufficientPrivilegeError():
            return SchemaError(
                "the database user may not create Sage's schema",
                detail=error.detail,
                hint="ask an administrator to run, in Sage's database, CREATE EXTENSION vector; "
                "and CREATE SCHEMA sage AUTHORIZATION, for Sage's user; then start Sage again",
            )
        case asyncpg.FeatureNotSupportedError() | asyncpg.UndefinedFileError():
            return SchemaError(
                "this Postgres server lacks the extension pgvector",
                detail=error.detail,
                hint="install pgvector 0.7 or newer on the server, use an image that has it "
                "(pgvector/pgvector), or unset DATABASE_URL to let Sage run its own Postgres",
            )
        case asyncpg.UndefinedObjectError():
            return _old_pgvector(error.detail)
        case _:
            return None


def _old_pgvector(detail: str) -> SchemaError:
    return SchemaError(
        "this database has a pgvector older than 0.7",
        detail=detail,
        hint="install pgvector 0.7 or newer and run ALTER EXTENSION vector UPDATE",
    )

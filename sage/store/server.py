"""What kind of Postgres answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connection import Connection

_SERVER_VERSIONS = query("server_versions")


@dataclass(frozen=True, slots=True)
class ServerVersions:
    """The versions as the server writes them; `pgvector` is None before it is created."""

    postgres: str
    pgvector: str | None


async def server_versions(conn: Connection) -> ServerVersions:
    """Ask the server for its versions. Raises StoreError."""
    row = await conn.fetchrow(_SERVER_VERSIONS)
    if row is None:
        raise StoreError("the database does not tell its version")
    return ServerVersions(**row)

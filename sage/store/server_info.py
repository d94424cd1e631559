"""Information from the database server: versions, connections, roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.errors import StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from sage.store.connections.connection import Connection

_ANSWER_PROBE = query("answer_probe")
_CONNECTION_BUDGET = query("connection_budget")
_NAME_APPLICATION_ROLE = query("name_application_role")
_SERVER_VERSIONS = query("server_versions")


@dataclass(frozen=True, slots=True)
class ServerVersions:
    """The versions as the server reports them; `pgvector` is None before it is created."""

    postgres: str
    pgvector: str | None


async def server_versions(conn: Connection) -> ServerVersions:
    """Return the versions of the server. Raises StoreError."""
    row = await conn.fetchrow(_SERVER_VERSIONS)
    if row is None:
        raise StoreError("the database did not report its version")
    return ServerVersions(**row)


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    """The version of the server, and whether the database has a mark of a move (`has_moving`)."""

    postgres: str
    has_moving: bool


async def answer_probe(conn: Connection) -> ProbeAnswer:
    """Return the version of the server, and whether the database has a mark of a move.

    Raises StoreError.
    """
    row = await conn.fetchrow(_ANSWER_PROBE)
    if row is None:
        raise StoreError("the database did not report its version")
    return ProbeAnswer(**row)


@dataclass(frozen=True, slots=True)
class ConnectionBudget:
    """How many connections the server allows, without reserved ones, and how many are open."""

    allowed: int
    used: int


async def connection_budget(conn: Connection) -> ConnectionBudget:
    """Return the connections that the server allows and has open. Raises StoreError."""
    row = await conn.fetchrow(_CONNECTION_BUDGET)
    if row is None:
        raise StoreError("the database did not report its connections")
    return ConnectionBudget(**row)


async def application_role_name(conn: Connection) -> tuple[str, str]:
    """Return the names of the role for spaces, which need not exist, and of the database user."""
    row = await conn.fetchrow(_NAME_APPLICATION_ROLE)
    if row is None:
        raise StoreError("the database did not report its user")
    return row["role"], row["user_name"]

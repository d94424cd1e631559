"""Say in Sage's own words what went wrong in the database.

Details hold the SQLSTATE and names of tables or constraints, never a value: a value may be private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from sage.errors import SchemaError, StoreError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

FAILURES: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
CONFLICTS: tuple[type[Exception], ...] = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
LOST_CONNECTIONS: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    OSError,
)
# What may pass by itself within seconds while a connection is made.
PASSING: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.TargetServerAttributeNotMatched,
    OSError,
    TimeoutError,
)

_AGAIN = "send the call again in a few seconds"
_SETTINGS = "DATABASE_URL, or DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD"

_UNAVAILABLE: Mapping[type[Exception], tuple[str, str]] = {
    asyncpg.QueryCanceledError: ("the database took too long over a query", _AGAIN),
    asyncpg.LockNotAvailableError: ("the database waited too long for a lock", _AGAIN),
    asyncpg.DeadlockDetectedError: ("two changes blocked each other", _AGAIN),
    asyncpg.SerializationError: ("two changes blocked each other", _AGAIN),
    asyncpg.ReadOnlySQLTransactionError: (
        "the database accepts no writes",
        "it may be a standby: point Sage at the primary, or wait for the failover to end",
    ),
    asyncpg.DiskFullError: (
        "the database's disk is full",
        "free space on the disk that holds the database; nothing that was answered is lost",
    ),
    asyncpg.TooManyConnectionsError: (
        "the database has no connection left",
        "raise max_connections, or lower the number of Sage processes",
    ),
    asyncpg.InsufficientResourcesError: ("the database is short of resources", _AGAIN),
    asyncpg.CannotConnectNowError: ("the database is starting or shutting down", _AGAIN),
    asyncpg.OperatorInterventionError: ("the database is being restarted", _AGAIN),
    asyncpg.PostgresConnectionError: ("the connection to the database broke", _AGAIN),
    TimeoutError: ("the database does not answer in time", _AGAIN),
    asyncpg.TargetServerAttributeNotMatched: (
        "none of the database hosts is the primary",
        "wait for the failover to end",
    ),
    OSError: (
        "the database cannot be reached",
        f"start it, or check {_SETTINGS}; Sage connects by itself when it is back",
    ),
}

_REFUSED: Mapping[type[Exception], tuple[str, str]] = {
    asyncpg.InvalidAuthorizationSpecificationError: (
        "the database refuses the user or the password",
        f"check {_SETTINGS}",
    ),
    asyncpg.InvalidCatalogNameError: (
        "the database does not exist on this server",
        f"create it, or check {_SETTINGS}",
    ),
    asyncpg.InsufficientPrivilegeError: (
        "the database user lacks a privilege",
        "let the user own the database, or grant what the detail names",
    ),
    asyncpg.ClientConfigurationError: (
        "the database settings cannot be understood",
        f"check {_SETTINGS}",
    ),
    asyncpg.DataError: (
        "the database cannot hold one of the values",
        "this is a fault of Sage: report it with the detail",
    ),
    asyncpg.IntegrityConstraintViolationError: (
        "the change contradicts what the database holds",
        "this is a fault of Sage: report it with the detail",
    ),
}


def translated(error: Exception) -> StoreError:
    """Turn a failure of the driver or the network into the StoreError that explains it."""
    detail = _detail(error)
    if isinstance(error, asyncpg.SyntaxOrAccessError) and not isinstance(
        error, asyncpg.InsufficientPrivilegeError
    ):
        return SchemaError(
            "the database's schema is not the one this release works with",
            detail=detail,
            hint="run `sage migrate status`, then `sage migrate up`",
        )
    for kinds, error_class in ((_REFUSED, StoreError), (_UNAVAILABLE, StoreUnavailableError)):
        for kind, (message, hint) in kinds.items():
            if isinstance(error, kind):
                return error_class(message, detail=detail, hint=hint)
    if isinstance(error, asyncpg.InterfaceError):
        return StoreUnavailableError(
            "the connection to the database broke", detail=detail, hint=_AGAIN
        )
    return StoreError(
        "the database refused a query", detail=detail, hint="look into the database's log"
    )


def _detail(error: Exception) -> str:
    parts = [type(error).__name__]
    for field in ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name"):
        value = getattr(error, field, None)
        if value:
            parts.append(f"{field.removesuffix('_name')} {value}")
    return ", ".join(parts)

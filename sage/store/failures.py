"""Translate failures of the database driver into errors of Sage.

Details hold the SQLSTATE and names of tables or constraints, never a value: a value may be private.
"""

from __future__ import annotations

import os
import re
import socket
import ssl

import asyncpg

from sage.errors import SchemaError, StoreError, StoreUnavailableError
from sage.phrases import phrase

FAILURES: tuple[type[Exception], ...] = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
# After these, the state of the connection is unknown, or it leads to a server that is no longer the
# primary. The driver fails with the second when the server ends a connection while a
# statement is being prepared.
BROKEN_CONNECTION: tuple[type[Exception], ...] = (
    TimeoutError,
    asyncpg.InternalClientError,
    asyncpg.ReadOnlySQLTransactionError,
)
# Failures to connect that may disappear within seconds.
TRANSIENT: tuple[type[Exception], ...] = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
    OSError,
)
_REPEATABLE: tuple[type[Exception], ...] = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

# Beginnings of Citus' messages for a statement that was planned before a shard was moved, split or
# removed.
_OF_MOVED_SHARD = re.compile(
    r"""could\ not\ find\ (
        valid\ entry\ for\ shard | shardinterval | any\ (healthy|shard)\ placement | any\ shards
        | shard\ for\ partition\ column
    )
    | cannot\ find\ (shard\ interval | a\ worker\ that\ has\ active\ placements)
    | shard\ for\ the\ given\ value\ does\ not\ exist
    | shard\ \d+\ does\ not\ have\ any\ shard\ placements
    | no\ active\ placements\ were\ found\ for\ shard
    | failed\ to\ assign\ \d+\ task\(s\)\ to\ worker\ nodes
    | found\ no\ worker\ with\ all\ shard\ placements
    | shard\ counts\ of\ co-located\ tables\ do\ not\ match
    | hash\ partitioned\ table\ has\ (uninitialized|overlapping)\ shards
    | bug:\ shard\ index\ \d+\ out\ of\ bounds
    | relation\ "[\w.]+_\d{6,}"\ does\ not\ exist
    # A function on the node that had the shard cannot read on the other node, nor write past its
    # policies.
    | the\ backend\ has\ already\ been\ assigned\ a\ transaction\ id
    | new\ row\ violates\ row-level\ security\ policy\ for\ table\ "\w+_\d{6,}"
    """,
    re.VERBOSE,
)
# PostgreSQL's messages for a table or an index that was removed after a statement was planned.
_REMOVED_MEANWHILE = re.compile(
    "could not open relation with OID|cache lookup failed for (relation|index|attribute)"
    "|tuple concurrently (updated|deleted)"
)
# Citus' messages for a lost node that do not have an error class of their own.
_OF_LOST_NODE = re.compile(
    "could not commit transaction for shard|failure on connection marked as essential"
    "|execution cannot recover from multiple connection failures|failed to COPY to shard"
)

_AGAIN = phrase("send the call again in a few seconds")
_SETTINGS = phrase("check DATABASE_URL, or DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD")
_RESTORE = phrase(
    "copy the files of the database, check the disk, then restore the newest backup with "
    "`sage restore FILE`: see SageDatabaseDamaged in docs/runbooks.md"
)
_FAULT = phrase("this is a bug in Sage: report it with the detail")
MOVED_ELSEWHERE = phrase("the data of this database was moved to another one")
USE_THE_OTHER = phrase(
    "set DATABASE_URL to that database, or remove it if it is the embedded one, and restart Sage"
)
_NODE_IS_AWAY = phrase("the server of the cluster that stores this space does not answer")
_ONCE_IT_ANSWERS = phrase(
    "send the call again once it answers: `sage doctor` shows which server it is; other "
    "spaces are not affected, and no acknowledged save is lost"
)
_NO_TLS = (
    phrase("the database server does not support TLS"),
    phrase("enable it on the server, or remove sslmode from DATABASE_URL"),
)
_TLS_ONLY = (
    phrase("the database server only accepts this user with TLS"),
    phrase("add ?sslmode=verify-full&sslrootcert=FILE to DATABASE_URL"),
)
_TLS_SETTINGS = (
    phrase("the TLS settings of the database are invalid"),
    phrase(
        "set sslmode in DATABASE_URL to disable, prefer, require, verify-ca or verify-full, and "
        "for the last two, sslrootcert to an existing file"
    ),
)
_NO_ROOT = (
    phrase("the file with the certificate of the database's authority (sslrootcert) is missing"),
    phrase(
        "download the certificate from the provider, and add sslrootcert=FILE to DATABASE_URL; "
        "/etc/ssl/certs/ca-certificates.crt, for example, has the authorities of the system"
    ),
)
_UNKNOWN_PARAMETER = (
    phrase("DATABASE_URL has a parameter that the database server does not know"),
    phrase("remove it: channel_binding, for example; sslmode=verify-full verifies the server"),
)
_OF_ADDRESS: tuple[tuple[type[Exception], tuple[str, ...], tuple[str, str]], ...] = (
    (ConnectionError, ("rejected SSL upgrade",), _NO_TLS),
    (asyncpg.InvalidAuthorizationSpecificationError, ("no encryption",), _TLS_ONLY),
    (asyncpg.ClientConfigurationError, ("root certificate", "sslrootcert"), _NO_ROOT),
    (asyncpg.ClientConfigurationError, ("sslmode", "certificate"), _TLS_SETTINGS),
    (asyncpg.ClientConfigurationError, ("unrecognized",), _UNKNOWN_PARAMETER),
)
_MOVES = {
    "SGM01": (phrase("writing is paused while the database is moved to another one"), _AGAIN),
    "SGM02": (MOVED_ELSEWHERE, USE_THE_OTHER),
}
"""What the triggers of a move refuse to write with: see `sage.store.moving`."""

# The first class that matches applies.
_EXPLANATIONS: tuple[tuple[type[Exception], type[StoreError], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        StoreError,
        phrase("the certificate of the database server cannot be verified"),
        phrase(
            "connect by a name in the certificate, and set sslrootcert=FILE in DATABASE_URL to the "
            "certificate of the authority that issued it"
        ),
    ),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        StoreError,
        phrase("the database rejected the user name or password"),
        _SETTINGS,
    ),
    (
        asyncpg.InvalidCatalogNameError,
        StoreError,
        phrase("the database does not exist on this server"),
        phrase("create it, or {check_settings}", check_settings=_SETTINGS),
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        StoreError,
        phrase("the database user lacks a privilege"),
        phrase("make Sage's user the owner of the database and of everything Sage created in it"),
    ),
    *(
        (
            kind,
            SchemaError,
            phrase("the database schema does not match this release"),
            phrase("run `sage migrate status`, then `sage migrate up`"),
        )
        for kind in (
            asyncpg.UndefinedTableError,
            asyncpg.UndefinedColumnError,
            asyncpg.UndefinedFunctionError,
            asyncpg.UndefinedObjectError,
            asyncpg.InvalidSchemaNameError,
        )
    ),
    (
        asyncpg.SyntaxOrAccessError,
        StoreError,
        phrase("the database could not parse a query or a value"),
        _FAULT,
    ),
    (
        asyncpg.ClientConfigurationError,
        StoreError,
        phrase("the database settings are invalid"),
        _SETTINGS,
    ),
    (
        asyncpg.InvalidSQLStatementNameError,
        StoreError,
        phrase("a connection pooler does not preserve prepared statements"),
        phrase(
            "set PgBouncer's max_prepared_statements to 200, or empty its ignore_startup_parameters"
        ),
    ),
    *(
        (
            kind,
            StoreError,
            phrase("a file of the database is damaged"),
            _RESTORE,
        )
        for kind in (asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError)
    ),
    (asyncpg.DataError, StoreError, phrase("the database cannot store one of the values"), _FAULT),
    (ValueError, StoreError, phrase("the database cannot store one of the values"), _FAULT),
    (
        asyncpg.IntegrityConstraintViolationError,
        StoreError,
        phrase("the change violates a constraint of the database"),
        _FAULT,
    ),
    (
        asyncpg.QueryCanceledError,
        StoreUnavailableError,
        phrase("a query timed out"),
        _AGAIN,
    ),
    (
        asyncpg.LockNotAvailableError,
        StoreUnavailableError,
        phrase("waiting for a lock timed out"),
        _AGAIN,
    ),
    (
        asyncpg.TransactionRollbackError,
        StoreUnavailableError,
        phrase("deadlock between two transactions"),
        _AGAIN,
    ),
    (
        asyncpg.ReadOnlySQLTransactionError,
        StoreUnavailableError,
        phrase("the database is read-only"),
        phrase("it may be a standby: point Sage at the primary, or wait for the failover to end"),
    ),
    (
        asyncpg.DiskFullError,
        StoreUnavailableError,
        phrase("the database's disk is full"),
        phrase("free disk space on the database server; no acknowledged save is lost"),
    ),
    (
        asyncpg.TooManyConnectionsError,
        StoreUnavailableError,
        phrase("the database has no connections left"),
        phrase("raise max_connections, or lower the number of Sage processes"),
    ),
    (
        asyncpg.InsufficientResourcesError,
        StoreUnavailableError,
        phrase("the database is short of resources"),
        _AGAIN,
    ),
    (
        asyncpg.OperatorInterventionError,
        StoreUnavailableError,
        phrase("the database is starting or shutting down"),
        _AGAIN,
    ),
    (
        # The coordinator of Citus reports it of another node.
        asyncpg.ConnectionFailureError,
        StoreUnavailableError,
        _NODE_IS_AWAY,
        _ONCE_IT_ANSWERS,
    ),
    (
        asyncpg.TargetServerAttributeNotMatched,
        StoreUnavailableError,
        phrase("none of the database hosts is the primary"),
        phrase("wait for the failover to end"),
    ),
    (TimeoutError, StoreUnavailableError, phrase("the database does not answer in time"), _AGAIN),
    (
        OSError,
        StoreUnavailableError,
        phrase("the database cannot be reached"),
        phrase(
            "start it, or {check_settings}; a running Sage reconnects automatically",
            check_settings=_SETTINGS,
        ),
    ),
    *(
        (kind, StoreUnavailableError, phrase("the connection to the database was lost"), _AGAIN)
        for kind in (
            asyncpg.PostgresConnectionError,
            asyncpg.IdleInTransactionSessionTimeoutError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        )
    ),
)


def to_store_error(error: Exception) -> StoreError:
    """Turn a failure of the driver or the network into the StoreError that explains it."""
    if found := _MOVES.get(getattr(error, "sqlstate", None) or ""):
        message, hint = found
        return StoreUnavailableError(message, detail=str(error), hint=hint)
    if found := _message_of_address(error):
        message, hint = found
        return StoreError(message, detail=_detail(error), hint=hint)
    if found := _message_of_cluster(error):
        message, hint = found
        return StoreUnavailableError(message, detail=_detail(error), hint=hint)
    for kind, error_class, message, hint in _EXPLANATIONS:
        if isinstance(error, kind):
            return error_class(message, detail=_detail(error), hint=hint)
    return StoreError(
        "the database rejected a query", detail=_detail(error), hint="see the log of the database"
    )


def _message_of_address(error: Exception) -> tuple[str, str] | None:
    """Return a message and a hint if the server rejects what the URL of the database says."""
    for kind, words, problem in _OF_ADDRESS:
        if isinstance(error, kind) and any(word in str(error) for word in words):
            return problem
    return None


def is_retryable(error: StoreError) -> bool:
    """Return whether the same work may well succeed at once if it is done again.

    Not after a timeout: the caller has waited long enough.
    """
    cause = error.__cause__
    if planned_too_early(error):
        return True
    return isinstance(cause, _REPEATABLE) and not isinstance(cause, (TimeoutError, ValueError))


def planned_too_early(error: StoreError) -> bool:
    """Return whether a statement met a table that was moved or removed after it was planned.

    Nothing of its transaction was kept.
    """
    cause = error.__cause__
    return isinstance(cause, asyncpg.PostgresError) and bool(
        _OF_MOVED_SHARD.match(str(cause)) or _REMOVED_MEANWHILE.match(str(cause))
    )


def lost_a_node(error: StoreError) -> bool:
    """Return whether a server of a cluster did not answer the one that was asked."""
    return error.message == _NODE_IS_AWAY


def node_is_away() -> StoreUnavailableError:
    """Return what calls to the spaces of a server fail with that does not answer."""
    return StoreUnavailableError(_NODE_IS_AWAY, hint=_ONCE_IT_ANSWERS)


def _message_of_cluster(error: Exception) -> tuple[str, str] | None:
    """Return message and hint of what a cluster fails with; None where it is of no cluster."""
    if not isinstance(error, asyncpg.PostgresError):
        return None
    if _OF_MOVED_SHARD.match(str(error)):
        return phrase("this space has just moved to another server of the cluster"), _AGAIN
    if _REMOVED_MEANWHILE.match(str(error)):
        return phrase("a table or an index was removed while it was used"), _AGAIN
    if _OF_LOST_NODE.match(str(error)):
        return _NODE_IS_AWAY, _ONCE_IT_ANSWERS
    return None


def took_too_long(error: StoreError) -> bool:
    """Return whether the server ended a statement, since its time was over or at a request."""
    return isinstance(error.__cause__, asyncpg.QueryCanceledError)


def _detail(error: Exception) -> str:
    if isinstance(error, socket.gaierror):  # its errno is not one of the system
        return error.strerror or type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):  # nor is its
        return error.verify_message
    number = error.errno if isinstance(error, OSError) else None
    parts = [os.strerror(number) if number else type(error).__name__]
    for field in ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name"):
        value = getattr(error, field, None)
        if value:
            parts.append(f"{field.removesuffix('_name')} {value}")
    return ", ".join(parts)

"""Check what a database server and its user lack for Sage, even before the schema exists."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sage.config.dsn import places_of
from sage.config.values import is_loopback
from sage.domain.health import CheckResult
from sage.domain.text.wording import duration_text
from sage.phrases import phrase
from sage.store.named_sql import query
from sage.store.suitability import (
    MIN_PGVECTOR,
    NEWEST_POSTGRES,
    OLDEST_POSTGRES,
    is_too_old,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.operations.checks.context import CheckContext
    from sage.store.connections.connection import Connection

_ABILITIES = query("server_abilities")
_MAX_SKEW_S = 10.0
_VARIABLE = "DATABASE_URL"


async def version(context: CheckContext) -> CheckResult:
    """Compare the version of the server with those that Sage is tested with."""
    return _version(await _of(context))


async def writable(context: CheckContext) -> CheckResult:
    """Check that the server accepts writes."""
    return _writable(await _of(context))


async def encoding(context: CheckContext) -> CheckResult:
    """Check the encoding of the database."""
    return _encoding(await _of(context))


async def extension(context: CheckContext) -> CheckResult:
    """Check that pgvector is installed, new enough, and accessible to this user."""
    return _extension(await _of(context))


async def rights(context: CheckContext) -> CheckResult:
    """Check that the user may create what Sage needs."""
    return _rights(await _of(context))


async def role(context: CheckContext) -> CheckResult | None:
    """Check that the user may create the role of requests; None if the role exists."""
    if context.opened().application_role is not None:
        return None
    able = await _of(context)
    if _may_create_roles(able):
        return CheckResult.healthy("will be created for requests")
    return CheckResult.degraded(
        phrase(
            "the user {user} may not create roles: spaces are separated by Sage only",
            user=able["user_name"],
        ),
        phrase("ask an administrator to run ALTER ROLE {user} CREATEROLE", user=able["user_name"]),
    )


async def may_create_roles(context: CheckContext) -> bool:
    """Return whether the user may create the role of requests. Raises StoreError."""
    return _may_create_roles(await _of(context))


async def clock(context: CheckContext) -> CheckResult:
    """Compare the clock of the server with that of this machine."""
    began = time.time()
    able = await _of(context)
    skew_s = max(began - able["now_s"], able["now_s"] - time.time(), 0.0)
    if skew_s > _MAX_SKEW_S:
        return CheckResult.degraded(
            phrase(
                "the clocks of the server and of this machine differ by {duration}",
                duration=duration_text(skew_s),
            ),
            "synchronize both with NTP: times of memories and expiry of tokens depend on them",
        )
    return CheckResult.healthy("the clocks of the server and of this machine agree")


async def encryption(context: CheckContext) -> CheckResult | None:
    """Check that the connection is encrypted and the server verified; None on this machine."""
    database = context.opened()
    async with database.across_spaces() as conn:
        tls, is_local = conn.tls_server(), conn.is_local
    if is_local or all(is_loopback(host) for host, _ in places_of(database.dsn)):
        return None
    if tls is None:
        return CheckResult.degraded(
            "the connection is not encrypted",
            "add ?sslmode=verify-full&sslrootcert=FILE, with the certificate of the provider",
            _VARIABLE,
        )
    if not tls.context.check_hostname:
        return CheckResult.degraded(
            "the connection is encrypted, but the server is not verified",
            "add ?sslmode=verify-full&sslrootcert=FILE, with the certificate of the provider",
            _VARIABLE,
        )
    return CheckResult.healthy("the connection is encrypted, and the server verified")


async def pooler(context: CheckContext) -> CheckResult | None:
    """Report a connection pooler in transaction mode; None without one."""
    database = context.opened()
    async with database.across_spaces():
        pass  # what stands in between is noticed by the first connection
    if not database.behind_pooler:
        return None
    return CheckResult.healthy("a pooler in transaction mode; each transaction gets its settings")


async def examine_server(conn: Connection) -> list[tuple[str, CheckResult]]:
    """Return the results of all checks of a server and its user. Raises StoreError."""
    able = await conn.fetchrow(_ABILITIES)
    if able is None:
        return []
    return [
        ("version", _version(able)),
        ("writable", _writable(able)),
        ("encoding", _encoding(able)),
        ("extension", _extension(able)),
        ("rights", _rights(able)),
    ]


def _may_create_roles(able: Mapping[str, Any]) -> bool:
    return bool(able["may_create_roles"] or able["is_superuser"])


async def _of(context: CheckContext) -> Mapping[str, Any]:
    async with context.opened().across_spaces() as conn:
        return await conn.fetchrow(_ABILITIES) or {}


def _version(able: Mapping[str, Any]) -> CheckResult:
    major = able["version_number"] // 10_000
    found = phrase("PostgreSQL {version}", version=able["postgres"])
    if major < OLDEST_POSTGRES:
        return CheckResult.unhealthy(
            found,
            phrase(
                "use PostgreSQL {oldest} to {newest}",
                oldest=OLDEST_POSTGRES,
                newest=NEWEST_POSTGRES,
            ),
        )
    if major > NEWEST_POSTGRES:
        return CheckResult.degraded(
            phrase(
                "{found}: this release is tested with {oldest} to {newest}",
                found=found,
                oldest=OLDEST_POSTGRES,
                newest=NEWEST_POSTGRES,
            ),
            "look for a newer release of Sage, and make backups",
        )
    return CheckResult.healthy(found)


def _writable(able: Mapping[str, Any]) -> CheckResult:
    if able["is_standby"]:
        return CheckResult.unhealthy(
            "the server is a standby, which does not accept writes",
            "use the address of the primary, or list all hosts: "
            "postgresql://USER@HOST1,HOST2/NAME finds it",
            _VARIABLE,
        )
    if able["is_read_only"]:
        return CheckResult.unhealthy(
            "transactions are read-only by default",
            phrase(
                "run ALTER DATABASE {name} RESET default_transaction_read_only, and check "
                "whether the disk of the server is full",
                name=able["database_name"],
            ),
        )
    return CheckResult.healthy("accepts writes")


def _encoding(able: Mapping[str, Any]) -> CheckResult:
    if able["encoding"] != "UTF8":
        return CheckResult.unhealthy(
            phrase("{encoding} cannot store every language", encoding=able["encoding"]),
            "create a database with ENCODING 'UTF8' TEMPLATE template0",
        )
    return CheckResult.healthy("UTF8")


def _extension(able: Mapping[str, Any]) -> CheckResult:
    found, offered, schema = able["pgvector"], able["offered_pgvector"], able["vector_schema"]
    oldest = ".".join(map(str, MIN_PGVECTOR))
    if found is None and offered is None:
        return CheckResult.unhealthy(
            "pgvector is not installed on the server",
            "install it, enable it at your provider, or use an image that has it",
        )
    if is_too_old(found or offered):
        return CheckResult.unhealthy(
            phrase("pgvector {version} is too old", version=found or offered),
            phrase(
                "install pgvector {oldest} or newer, then run ALTER EXTENSION vector UPDATE",
                oldest=oldest,
            ),
        )
    if found is None and not able["may_create_extension"]:
        return CheckResult.unhealthy(
            phrase(
                "pgvector {version} is available, and not created in this database", version=offered
            ),
            phrase(
                "ask an administrator to run CREATE EXTENSION vector in {database}",
                database=able["database_name"],
            ),
        )
    if not able["may_use_vectors"]:
        return CheckResult.unhealthy(
            phrase(
                "pgvector is in the schema {schema}, which {user} may not use",
                schema=schema,
                user=able["user_name"],
            ),
            phrase(
                "ask an administrator to run GRANT USAGE ON SCHEMA {schema} TO {user}",
                schema=schema,
                user=able["user_name"],
            ),
        )
    if found is None:
        return CheckResult.healthy(phrase("pgvector {version} will be created", version=offered))
    return CheckResult.healthy(
        phrase("pgvector {version} in the schema {schema}", version=found, schema=schema)
    )


def _rights(able: Mapping[str, Any]) -> CheckResult:
    user = able["user_name"]
    if able["has_schema"] and not able["may_use_schema"]:
        return CheckResult.unhealthy(
            phrase("{user} may not use the schema sage", user=user),
            phrase("ask its owner to run ALTER SCHEMA sage OWNER TO {user}", user=user),
        )
    if not able["has_schema"] and not able["may_create_schemas"]:
        return CheckResult.unhealthy(
            phrase("{user} may not create the schema sage", user=user),
            phrase(
                "ask an administrator to run CREATE SCHEMA sage AUTHORIZATION {user} in {database}",
                user=user,
                database=able["database_name"],
            ),
        )
    if able["is_superuser"]:
        return CheckResult.healthy(
            phrase("{user} is a superuser, which Sage does not need", user=user)
        )
    return CheckResult.healthy(phrase("{user} may create everything that Sage needs", user=user))

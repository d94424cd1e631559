"""Bring a database to the schema of this release, once, however many starters there are.

Migrations are files `migrations/NNNN_name.sql`: numbered without a gap, only ever added. Each runs
in a transaction of its own, under a lock that ends with the transaction, and is recorded with the
SHA-256 of its file. Each keeps the previous release working on the new schema.

All of it lies in the schema `sage`, so that a database may be shared with other programs. While a
migration runs, the search path is that schema and the one that pgvector is installed in.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

import asyncpg

from sage.errors import SchemaError, StoreError
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LOCK_WAIT_S = 600.0
DDL_BOUNDS = {
    "lock_timeout": "5s",
    "statement_timeout": "600s",
    "idle_in_transaction_session_timeout": "600s",
}

_ADMIT_APPLICATION = query("admit_application")
_BOUND_TRANSACTION = query("bound_transaction")
_CREATE_EXTENSION = query("create_extension")
_CREATE_SCHEMA = query("create_schema")
_CREATE_SCHEMA_MIGRATIONS = query("create_schema_migrations")
_FIND_FORMER_SCHEMA = query("find_former_schema")
_HAS_SCHEMA = query("has_schema")
_HAS_SCHEMA_MIGRATIONS = query("has_schema_migrations")
_LIST_APPLIED_MIGRATIONS = query("list_applied_migrations")
_LIST_MOVES_TO_SCHEMA = query("list_moves_to_schema")
_LOCK_MIGRATIONS = query("lock_migrations")
_RECORD_MIGRATION = query("record_migration")
_SERVER_ENCODING = query("server_encoding")
_SET_MIGRATION_PATH = query("set_migration_path")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema. `checksum` is the SHA-256 of the file, in hex."""

    version: int
    name: str
    sql: str = field(repr=False)
    checksum: str


@dataclass(frozen=True, slots=True)
class AppliedMigration:
    """A step the database has taken."""

    version: int
    name: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """What the database has, what it lacks, and why this release cannot use it, if so."""

    applied: tuple[AppliedMigration, ...]
    pending: tuple[Migration, ...]
    problem: SchemaError | None

    @property
    def current(self) -> bool:
        """Whether this release can work with the database as it is."""
        return self.problem is None and not self.pending


def known_migrations() -> tuple[Migration, ...]:
    """Read the migrations of this release, oldest first. Raises SchemaError on a gap."""
    migrations = []
    for entry in resources.files("sage.store").joinpath("migrations").iterdir():
        if match := _FILE_NAME.fullmatch(entry.name):
            content = entry.read_bytes()
            checksum = hashlib.sha256(content).hexdigest()
            migrations.append(Migration(int(match[1]), match[2], content.decode(), checksum))
    migrations.sort(key=lambda migration: migration.version)
    if [migration.version for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise SchemaError(
            "the migrations of this installation are incomplete", hint="install Sage again"
        )
    return tuple(migrations)


async def is_in_its_schema(database: Database) -> bool:
    """Return whether Sage's tables are in its own schema: the first releases had none.

    Raises StoreError.
    """
    async with database.across_spaces() as conn:
        return bool(await conn.fetchval(_HAS_SCHEMA_MIGRATIONS))


async def migrate(database: Database) -> tuple[Migration, ...]:
    """Apply what is missing and give it; any number of starters may do so at once.

    Raises SchemaError when the schema is newer, was changed, or cannot be made here;
    StoreUnavailableError when the database does not answer.
    """
    applied = []
    status = await migration_status(database)
    while status.problem is None and status.pending:
        async with database.transaction_across_spaces() as conn:
            await _wait_for_turn(conn)
            status = await _status(conn)
            if status.problem is None and status.pending:
                await _refuse_other_encodings(conn)
                await _apply(conn, status.pending[0])
                applied.append(status.pending[0])
                status = await _status(conn)
    if status.problem is not None:
        raise status.problem
    async with database.transaction_across_spaces() as conn:
        await _wait_for_turn(conn)
        await conn.execute(_ADMIT_APPLICATION)
    await database.renew_sessions()
    async with database.in_space():
        pass  # the role is let in now where it is new, and not by the first request
    return tuple(applied)


async def require_schema(database: Database) -> None:
    """Check that the database has the schema of this release; changes nothing.

    Raises SchemaError when it has none, or another one, StoreError.
    """
    status = await migration_status(database)
    if status.problem is not None:
        raise status.problem
    if status.pending:
        raise SchemaError(
            "the database's schema is older than this release"
            if status.applied
            else "there are no tables of Sage in this database yet",
            detail=f"{len(status.pending)} of {len(known_migrations())} migrations are missing",
            hint="start Sage, or run `sage migrate up`; if it is the wrong database, set "
            "SAGE_DATA_DIR or DATABASE_URL",
        )


async def create_or_require(database: Database) -> None:
    """Create the schema in an empty database; elsewhere it has to be that of this release.

    Raises SchemaError, StoreError.
    """
    if (await migration_status(database)).applied:
        await require_schema(database)
    await migrate(database)


async def migration_status(database: Database) -> MigrationStatus:
    """Compare the database with this release; changes nothing. Raises StoreError."""
    async with database.across_spaces() as conn:
        return await _status(conn)


async def _wait_for_turn(conn: Connection) -> None:
    """Queue up before the first statement that two starters could both try to run."""
    waiting = {**DDL_BOUNDS, "lock_timeout": DDL_BOUNDS["statement_timeout"]}
    await conn.execute(_BOUND_TRANSACTION, list(waiting), list(waiting.values()))
    await conn.execute(_LOCK_MIGRATIONS, timeout_s=_LOCK_WAIT_S)
    await conn.execute(_BOUND_TRANSACTION, list(DDL_BOUNDS), list(DDL_BOUNDS.values()))


async def _status(conn: Connection) -> MigrationStatus:
    if await conn.fetchval(_HAS_SCHEMA_MIGRATIONS):
        applied = await _applied(conn, _LIST_APPLIED_MIGRATIONS)
    else:
        try:
            _, applied = await _former_schema(conn)
        except SchemaError:  # another starter has just moved the tables
            applied = await _applied(conn, _LIST_APPLIED_MIGRATIONS)
    known = {migration.version: migration for migration in known_migrations()}
    return MigrationStatus(
        applied=tuple(applied),
        pending=tuple(m for v, m in known.items() if v not in {one.version for one in applied}),
        problem=_problem(applied, known),
    )


async def _applied(conn: Connection, listing: str) -> list[AppliedMigration]:
    return [AppliedMigration(**row) for row in await conn.fetch(listing)]


async def _former_schema(conn: Connection) -> tuple[str | None, list[AppliedMigration]]:
    """Find where Sage kept its tables before it had a schema of its own, and what it had applied.

    A table of the same name that another program made has other checksums, and is not looked at.
    """
    former = await conn.fetchrow(_FIND_FORMER_SCHEMA)
    if former is not None:
        applied = await _applied(conn, former["listing"])
        if applied and applied[0].checksum == known_migrations()[0].checksum:
            return former["schema"], applied
    return None, []


def _problem(applied: list[AppliedMigration], known: dict[int, Migration]) -> SchemaError | None:
    newest = max((one.version for one in applied), default=0)
    if newest > len(known):
        return SchemaError(
            "schema too new",
            detail=f"the database has version {newest}, this release knows {len(known)}",
            hint="run the release of Sage that made it, or a newer one",
        )
    changed = [one.version for one in applied if one.checksum != known[one.version].checksum]
    if changed:
        return SchemaError(
            "the schema was made by other migrations than this release's",
            detail=f"migrations with another content: {changed}",
            hint="run the release of Sage that made it; applied migrations never change",
        )
    return None


async def _refuse_other_encodings(conn: Connection) -> None:
    encoding = await conn.fetchval(_SERVER_ENCODING)
    if encoding != "UTF8":
        raise SchemaError(
            f"the database keeps text as {encoding}, which cannot hold every language",
            hint="create Sage's database with ENCODING 'UTF8' TEMPLATE template0",
        )


async def create_tables(conn: Connection, version: int) -> None:
    """Create the tables of a version where there are none, in the transaction of `conn`.

    Nothing is recorded: a restore brings the record along. Raises SchemaError, StoreError.
    """
    with _explaining():
        await _create_schema(conn)
        await conn.execute(_CREATE_SCHEMA_MIGRATIONS)
        await _work_in_schema(conn)
        for migration in known_migrations()[:version]:
            await conn.execute(migration.sql)


async def require_record(conn: Connection, version: int) -> None:
    """Check that just the migrations up to a version are recorded, as this release has them.

    Raises SchemaError.
    """
    applied = await _applied(conn, _LIST_APPLIED_MIGRATIONS)
    wanted = {one.version: one.checksum for one in known_migrations()[:version]}
    if {one.version: one.checksum for one in applied} != wanted:
        raise SchemaError(
            "the schema was made by other migrations than this release's",
            detail=f"the record of migrations is not that of version {version}",
            hint="run the release of Sage that made it; applied migrations never change",
        )


async def _apply(conn: Connection, migration: Migration) -> None:
    with _explaining():
        await _enter_schema(conn)
        await conn.execute(migration.sql, timeout_s=_LOCK_WAIT_S)
        await conn.execute(_RECORD_MIGRATION, migration.version, migration.name, migration.checksum)


async def _enter_schema(conn: Connection) -> None:
    """Create Sage's schema where it is missing, move in, and make it the one that is worked in."""
    await _create_schema(conn)
    if not await conn.fetchval(_HAS_SCHEMA_MIGRATIONS):
        former, _ = await _former_schema(conn)
        for move in await conn.fetch(_LIST_MOVES_TO_SCHEMA, former):
            await conn.execute(move["statement"])
        await conn.execute(_CREATE_SCHEMA_MIGRATIONS)
    await _work_in_schema(conn)


async def _create_schema(conn: Connection) -> None:
    if not await conn.fetchval(_HAS_SCHEMA):
        await conn.execute(_CREATE_SCHEMA)


async def _work_in_schema(conn: Connection) -> None:
    await conn.execute(await conn.fetchval(_CREATE_EXTENSION))
    await conn.execute(_SET_MIGRATION_PATH)


@contextmanager
def _explaining() -> Iterator[None]:
    """Raise, for what a database cannot take, an error that tells what to do about it."""
    try:
        yield
    except StoreError as error:
        explained = _explained(error)
        if explained is None:
            raise
        raise explained from error.__cause__


def _explained(error: StoreError) -> SchemaError | None:
    """Report what to do where the database as it was set up cannot take the schema."""
    match error.__cause__:
        case asyncpg.InsufficientPrivilegeError():
            return SchemaError(
                "the database user may not create Sage's schema",
                detail=error.detail,
                hint="let an administrator run, in Sage's database, CREATE EXTENSION vector; and "
                "CREATE SCHEMA sage AUTHORIZATION, for Sage's user; then start Sage again",
            )
        case asyncpg.FeatureNotSupportedError() | asyncpg.UndefinedFileError():
            return SchemaError(
                "this Postgres server lacks the extension pgvector",
                detail=error.detail,
                hint="install pgvector 0.7 or newer on the server, use an image that has it "
                "(pgvector/pgvector), or unset DATABASE_URL to let Sage run its own Postgres",
            )
        case asyncpg.UndefinedObjectError():
            return SchemaError(
                "this database has a pgvector older than 0.7",
                detail=error.detail,
                hint="install pgvector 0.7 or newer and run ALTER EXTENSION vector UPDATE",
            )
        case _:
            return None

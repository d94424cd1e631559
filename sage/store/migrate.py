"""Upgrade a database to the schema of this release, once, whatever the number of processes.

Migrations are files `migrations/NNNN_name.sql`: numbered without a gap, only ever added. The first
is the whole schema; a database of a few versions before it is upgraded in place
(`sage.store.earlier`). Each runs in a transaction of its own, under a lock that ends with the
transaction, and is recorded with the SHA-256 of its file. Each keeps the previous release working
on the new schema.

All tables are in the schema `sage`, so that a database may be shared with other programs. While a
migration runs, the search path is that schema and the one that pgvector is installed in.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

from sage.errors import SchemaError
from sage.phrases import phrase
from sage.store.citus.bringing_in import change_one_by_one, complete
from sage.store.earlier import versions as earlier
from sage.store.moving.mark import problem_of, read_mark
from sage.store.named_sql import query
from sage.store.suitability import explaining, require_suitable

if TYPE_CHECKING:
    from collections.abc import Sequence
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
_LOCK_MIGRATIONS = query("lock_migrations")
_RECORD_MIGRATION = query("record_migration")
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
    """A step that was applied to the database."""

    version: int
    name: str
    checksum: str
    applied_at: datetime


@dataclass(frozen=True, slots=True)
class MigrationStatus:
    """The applied and missing migrations, and why this release cannot use the database, if so."""

    applied: tuple[AppliedMigration, ...]
    pending: tuple[Migration, ...]
    problem: SchemaError | None

    @property
    def version(self) -> int:
        """The version of the schema; 0 where there is none."""
        return _version_of(self.applied)

    @property
    def current(self) -> bool:
        """Whether this release can use the database as it is."""
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
    expected = range(max(earlier.CHECKSUMS) + 1, max(earlier.CHECKSUMS) + 1 + len(migrations))
    if not migrations or [migration.version for migration in migrations] != list(expected):
        raise SchemaError(
            "the migrations of this installation are incomplete", hint="reinstall Sage"
        )
    return tuple(migrations)


def newest_version() -> int:
    """Return the version of the schema of this release. Raises SchemaError on a gap."""
    return known_migrations()[-1].version


async def migrate(database: Database) -> tuple[Migration, ...]:
    """Apply missing migrations and return them; any number of processes may do so at once.

    Raises SchemaError when the schema is newer, was changed, or cannot be created here;
    StoreUnavailableError when the database does not answer.
    """
    applied = []
    status = await migration_status(database)
    while status.problem is None and status.pending:
        async with database.transaction_across_spaces() as conn:
            await _wait_for_turn(conn)
            status = await _status(conn)
            if status.problem is None and status.pending:
                await require_suitable(conn)
                await _apply(conn, status.pending[0], status.version)
                applied.append(status.pending[0])
                status = await _status(conn)
    if status.problem is not None:
        raise status.problem
    async with database.transaction_across_spaces() as conn:
        await _wait_for_turn(conn)
        changed = not conn.is_distributed or await complete(conn, migrated=bool(applied))
        if changed or database.application_role is None:
            await conn.execute(_ADMIT_APPLICATION)
    await database.renew_sessions()
    async with database.in_space():
        pass  # a new role gets its login now, and not by the first request
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
            detail=phrase(
                "it has version {version}, this release has {newest}",
                version=status.version,
                newest=newest_version(),
            )
            if status.applied
            else "",
            hint="start Sage, or run `sage migrate up`; if it is the wrong database, set "
            "SAGE_DATA_DIR or DATABASE_URL",
        )


async def create_or_require(database: Database) -> None:
    """Create the schema in an empty database; otherwise require that of this release.

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
    """Wait for the lock before the first statement that two processes could both try to run."""
    waiting = {**DDL_BOUNDS, "lock_timeout": DDL_BOUNDS["statement_timeout"]}
    await conn.execute(_BOUND_TRANSACTION, list(waiting), list(waiting.values()))
    await conn.execute(_LOCK_MIGRATIONS, timeout_s=_LOCK_WAIT_S)
    await conn.execute(_BOUND_TRANSACTION, list(DDL_BOUNDS), list(DDL_BOUNDS.values()))


async def _status(conn: Connection) -> MigrationStatus:
    applied = await _record_of(conn)
    known = known_migrations()
    return MigrationStatus(
        applied=tuple(applied),
        pending=tuple(one for one in known if one.version > _version_of(applied)),
        problem=_problem(applied, known) or problem_of(await read_mark(conn)),
    )


async def _record_of(conn: Connection) -> list[AppliedMigration]:
    """Read the applied migrations, also of the first releases, which had no schema of their own.

    A table of the same name that another program made has other checksums, and is ignored.
    """
    if await conn.fetchval(_HAS_SCHEMA_MIGRATIONS):
        return await _applied(conn, _LIST_APPLIED_MIGRATIONS)
    if listing := await conn.fetchval(_FIND_FORMER_SCHEMA):
        applied = await _applied(conn, listing)
        if applied and applied[0].checksum == earlier.FIRST_MIGRATION:
            return applied
    return []


async def _applied(conn: Connection, listing: str) -> list[AppliedMigration]:
    return [AppliedMigration(**row) for row in await conn.fetch(listing)]


def _version_of(applied: Sequence[AppliedMigration]) -> int:
    return max((one.version for one in applied), default=0)


def _problem(applied: Sequence[AppliedMigration], known: Sequence[Migration]) -> SchemaError | None:
    version = _version_of(applied)
    if version > known[-1].version:
        return SchemaError(
            "schema too new",
            detail=phrase(
                "the database has version {version}, this release supports {known}",
                version=version,
                known=known[-1].version,
            ),
            hint="run the release of Sage that created it, or a newer one",
        )
    if 0 < version < earlier.FIRST:
        return too_old(phrase("the database"), version)
    if changed := _changed(applied, known):
        return SchemaError(
            "the schema was created by migrations that differ from those of this release",
            detail=phrase("migrations with different content: {changed}", changed=str(changed)),
            hint="run the release of Sage that created it; applied migrations never change",
        )
    return None


def too_old(what: str, version: int) -> SchemaError:
    """Return the error that a database, or a backup, is too old to be upgraded."""
    commit = earlier.LAST_TO_MIGRATE_TO_FIRST
    return SchemaError(
        phrase("{what} was created by a version of Sage that is no longer supported", what=what),
        detail=phrase(
            "its schema has version {version}, this release supports upgrades from "
            "{first} or later",
            version=version,
            first=earlier.FIRST,
        ),
        hint=phrase(
            "first upgrade it with commit {commit} of Sage, with `sage migrate up` "
            "(for a backup, restore it there and back it up again), then with this "
            "release",
            commit=commit,
        ),
    )


def _changed(applied: Sequence[AppliedMigration], known: Sequence[Migration]) -> list[int]:
    """Return the versions whose files differ from those that were applied."""
    expected = earlier.CHECKSUMS | {one.version: one.checksum for one in known}
    return [
        one.version
        for one in applied
        if one.version >= earlier.FIRST and one.checksum != expected.get(one.version)
    ]


async def create_tables(conn: Connection, version: int) -> None:
    """Create the missing tables for the rows of a version, in the transaction of `conn`.

    Nothing is recorded: the record is part of the backup. Raises SchemaError, StoreError.
    """
    if version < earlier.FIRST:
        raise too_old(phrase("the backup"), version)
    schema, *later = known_migrations()
    with explaining():
        await _enter_schema(conn)
        await conn.execute(schema.sql)
        for migration in later:
            if migration.version <= version:
                await conn.execute(migration.sql)
        for statement in earlier.changes_back_to(version):
            await conn.execute(statement)


async def require_record(conn: Connection, version: int) -> None:
    """Check that the migrations up to a version are recorded, as in this release.

    Raises SchemaError.
    """
    applied = await _applied(conn, _LIST_APPLIED_MIGRATIONS)
    known = known_migrations()
    recorded = {one.version for one in applied}
    needed = {one.version for one in known if one.version <= version} or {version}
    if _version_of(applied) != version or needed - recorded or _changed(applied, known):
        raise SchemaError(
            "the schema was created by migrations that differ from those of this release",
            detail=phrase(
                "the list of applied migrations does not match version {version}", version=version
            ),
            hint="run the release of Sage that created it; applied migrations never change",
        )


async def _apply(conn: Connection, migration: Migration, version: int) -> None:
    """Apply a migration to a database of a version, which is 0 if it has no tables of Sage."""
    with explaining():
        if conn.is_distributed:
            await change_one_by_one(conn)
        await _enter_schema(conn)
        if version in earlier.CHECKSUMS:
            await conn.execute(earlier.UPGRADE, timeout_s=_LOCK_WAIT_S)
        await conn.execute(migration.sql, timeout_s=_LOCK_WAIT_S)
        await conn.execute(_RECORD_MIGRATION, migration.version, migration.name, migration.checksum)


async def _enter_schema(conn: Connection) -> None:
    """Create Sage's schema and its record if they are missing, and set the search path to it."""
    await _create_schema(conn)
    await conn.execute(_CREATE_SCHEMA_MIGRATIONS)
    await _work_in_schema(conn)


async def _create_schema(conn: Connection) -> None:
    if not await conn.fetchval(_HAS_SCHEMA):
        await conn.execute(_CREATE_SCHEMA)


async def _work_in_schema(conn: Connection) -> None:
    await conn.execute(await conn.fetchval(_CREATE_EXTENSION))
    await conn.execute(_SET_MIGRATION_PATH)

"""Restore a backup in one transaction: others see either the old contents, or all of the new.

A backup provides rows, never code: tables and functions come from the migrations of this release,
up to the version of the backup, or from the current schema, reverted to accept the rows of that
version.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.text.wording import counted
from sage.errors import BackupError
from sage.operations.backup.checking import refuse_foreign_objects
from sage.operations.backup.contents import compare_contents, read_contents
from sage.operations.backup.loading import load_rows
from sage.operations.backup.tools import of_distributed, tools_to_read
from sage.phrases import phrase
from sage.store.active_model import find_active_model
from sage.store.migrate import create_tables, migrate, require_record
from sage.store.named_sql import query
from sage.store.vector_indexes import build_vector_indexes

if TYPE_CHECKING:
    from sage.operations.backup.archive import Archive
    from sage.operations.backup.manifest import Manifest
    from sage.operations.backup.progress import ProgressStep
    from sage.store.connections.pool import Database
    from sage.store.migrate import Migration

_COUNT_MEMORIES = query("count_memories")
_RESTORE_PREPARATIONS = query("restore_preparations")
_RESTORE_SETTINGS = query("restore_settings")
_RESTORE_TARGET = query("restore_target")


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore: the number of searches compared, and the migrations applied."""

    database: str
    manifest: Manifest
    searches: int
    migrated: tuple[Migration, ...]


async def restore_backup(
    database: Database, archive: Archive, manifest: Manifest, step: ProgressStep, *, replace: bool
) -> Restored:
    """Restore a verified backup into a database without tables of Sage, or `replace` them.

    All is one transaction, committed once the tables and the answers to searches are equal to those
    that were backed up. A schema of an earlier release is then upgraded, and the indexes over the
    vectors of large spaces are built. Raises BackupError, SchemaError, StoreError.
    """
    tools = await tools_to_read(manifest.tools)
    await refuse_foreign_objects(archive, manifest, tools)
    version = manifest.origin.schema_version
    name = await _check_target(database, replace=replace)
    async with database.maintenance_connection() as conn, conn.transaction():
        await conn.execute(_RESTORE_SETTINGS)
        for row in await conn.fetch(_RESTORE_PREPARATIONS):
            await conn.execute(row["statement"])
        await create_tables(conn, version)
        await load_rows(conn, archive, manifest, tools, step)
        await require_record(conn, version)
        found = await read_contents(conn, manifest.origin, step)
        searches = compare_contents(manifest.contents, found)
    migrated = await migrate(database)
    with step("building vector indexes", None):
        await _index_vectors(database)
    return Restored(name, manifest, searches, migrated)


async def _index_vectors(database: Database) -> None:
    async with database.across_spaces() as conn:
        active = await find_active_model(conn)
    if active is not None:
        await build_vector_indexes(database, active.model_id)


async def _check_target(database: Database, *, replace: bool) -> str:
    """Check that a backup may be restored into the database; return the database's name."""
    async with database.across_spaces() as conn:
        target = await conn.fetchrow(_RESTORE_TARGET)
        if target is None:
            raise BackupError("the database returned no information about itself")
        name = str(target["name"])
        if target["has_tables"] and not replace:
            raise BackupError(
                phrase(
                    "the database {name} already contains data of Sage: {memories}",
                    name=name,
                    memories=counted(await conn.fetchval(_COUNT_MEMORIES), "memory", "memories"),
                ),
                detail="nothing was changed",
                hint="back it up and pass --replace to replace it, or restore into "
                "another database with --into NAME",
            )
        if conn.is_distributed:
            raise of_distributed("nothing was changed")
    if target["has_tables"] and target["other_sessions"]:
        raise BackupError(
            phrase("a running Sage uses the database {name}", name=name),
            detail="nothing was changed",
            hint="stop every Sage that uses it, for example with `sage down`, and try again",
        )
    if target["encoding"] != "UTF8":
        raise BackupError(
            phrase(
                "the encoding of the database {name} is {encoding}",
                name=name,
                encoding=target["encoding"],
            ),
            hint="create a database with ENCODING 'UTF8' TEMPLATE template0",
        )
    return name

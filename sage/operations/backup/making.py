"""Make a backup: one snapshot of the database, dumped, counted, verified and moved into place."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

from sage import __version__
from sage.errors import BackupError
from sage.local.atomic_file import unfinished_file
from sage.operations.backup.archive import Archive, ArchiveWriter
from sage.operations.backup.checking import check_archive, check_dump
from sage.operations.backup.child_process import running
from sage.operations.backup.contents import read_contents
from sage.operations.backup.manifest import FORMAT, Manifest, read_origin
from sage.operations.backup.tools import suitable_tools
from sage.phrases import phrase
from sage.store.migrate import migration_status
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sage.operations.backup.manifest import Contents
    from sage.operations.backup.progress import ProgressStep
    from sage.operations.backup.tools import Tools
    from sage.store.connections.pool import Database

_BACKUP_ORIGIN = query("backup_origin")
_EXPORT_SNAPSHOT = query("export_snapshot")
_HAS_SCHEMA_MIGRATIONS = query("has_schema_migrations")
_READ_AS_OF_NOW = query("read_as_of_now")


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup."""

    path: Path
    size_bytes: int
    manifest: Manifest


async def make_backup(database: Database, place: Path, step: ProgressStep) -> Backup:
    """Back up a database to a file that does not exist yet, while others use the database.

    The file gets its name after it was read again and verified. Raises BackupError, StoreError.
    """
    status = await migration_status(database)
    if status.problem is not None:
        raise status.problem
    if place.exists():  # noqa: ASYNC240 - one look
        raise BackupError(
            phrase("{place} already exists", place=place),
            hint="choose another file, or a directory with --to",
        )
    async with suitable_tools(database) as tools:
        try:
            with unfinished_file(place) as file:
                manifest = await _write(database, tools, file, step)
                archive = Archive(file, place)
                foreign = await check_dump(archive, await check_archive(archive, step), tools)
                if foreign:
                    raise _foreign(foreign)
                return Backup(place, archive.size_bytes, manifest)
        except OSError as error:
            full = error.errno in {errno.ENOSPC, errno.EDQUOT}
            raise BackupError(
                phrase(
                    "the backup could not be written to {parent}: {reason}",
                    parent=place.parent,
                    reason=error.strerror or error,
                ),
                detail="no backup was made; existing ones are unchanged",
                hint="free some space, or choose another with --to"
                if full
                else "check the permissions of the directory, or choose another with --to",
            ) from error


def _foreign(objects: Sequence[str]) -> BackupError:
    return BackupError(
        phrase(
            "the schema sage contains objects that Sage did not create: {objects}",
            objects=list(objects),
        ),
        detail="a restore only includes the rows of Sage's own tables; no backup was made",
        hint="move them to another schema, for example with ALTER TABLE ... SET SCHEMA "
        "public, or drop them",
    )


async def _write(database: Database, tools: Tools, file: IO[bytes], step: ProgressStep) -> Manifest:
    async with database.maintenance_connection() as conn, conn.transaction():
        await conn.execute(_READ_AS_OF_NOW)
        if not await conn.fetchval(_HAS_SCHEMA_MIGRATIONS):
            raise BackupError(
                "Sage has not stored anything in this database yet",
                hint="check SAGE_DATA_DIR and DATABASE_URL",
            )
        created_at = datetime.now(UTC).replace(microsecond=0)
        origin = read_origin(await conn.fetchval(_BACKUP_ORIGIN))
        contents = await read_contents(conn, origin, step)
        snapshot = await conn.fetchval(_EXPORT_SNAPSHOT)
        writer = ArchiveWriter(file)
        try:
            await _dump(tools, snapshot, writer, contents, step)
        except BaseException:
            writer.discard()
            raise
    manifest = Manifest(
        format=FORMAT,
        sage=__version__,
        created_at=created_at,
        tools=tools.version,
        origin=origin,
        contents=contents,
        parts=(await asyncio.to_thread(writer.end_dump),),
    )
    await asyncio.to_thread(writer.finish, manifest)
    return manifest


async def _dump(
    tools: Tools, snapshot: str, writer: ArchiveWriter, contents: Contents, step: ProgressStep
) -> None:
    command = tools.command(
        "pg_dump",
        *(f"--dbname={tools.address}", f"--snapshot={snapshot}", "--schema=sage"),
        *("--format=custom", "--compress=0", "--no-owner", "--no-privileges"),
        *("--no-tablespaces", "--no-publications", "--no-subscriptions", "--no-security-labels"),
        *("--exclude-table=sage.moving*", "--lock-wait-timeout=10s", "--no-password"),
    )
    with step("writing, bytes", contents.size_bytes) as progress:
        async with running(command, tools.environment) as child:
            while block := await child.read():
                await asyncio.to_thread(writer.write, block)
                progress.advance(len(block))
            await child.finish()

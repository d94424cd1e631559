"""Restore a backup in one transaction: others see what was there before, or all that is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.backup.checking import check_listing
from sage.backup.contents import compare_contents, read_contents
from sage.backup.pg_restore import pg_restore
from sage.backup.psql import psql
from sage.backup.tools import suitable_tools
from sage.errors import BackupError
from sage.store.migrate import migrate
from sage.store.named_sql import query
from sage.terminal.text import counted

if TYPE_CHECKING:
    from sage.backup.archive import Archive
    from sage.backup.manifest import Manifest
    from sage.backup.progress import Step
    from sage.backup.psql import Psql
    from sage.backup.tools import Tools
    from sage.store.migrate import Migration
    from sage.store.pool import Database

_BEGIN = query("begin_restore")
_COMMIT = query("commit_restore")
_COUNT_MEMORIES = query("count_memories")
_RESTORE_PREPARATIONS = query("restore_preparations")
_RESTORE_SETTINGS = query("restore_settings")
_RESTORE_TARGET = query("restore_target")
_TABLE_ANALYSES = query("table_analyses")
_TABLE_RELEASES = query("table_releases")

_NEWER_SETTING = b"SET transaction_timeout = 0;\n"
"""What pg_restore writes since version 17, and servers before 17 refuse; 0 is the default."""
_END_OF_SETTINGS = b"SET client_encoding"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: how many searches it compared, what it migrated after it."""

    database: str
    manifest: Manifest
    searches: int
    migrated: tuple[Migration, ...]


async def restore_backup(
    database: Database, archive: Archive, manifest: Manifest, step: Step, *, replace: bool
) -> Restored:
    """Restore a backup that was checked into a database without tables of Sage, or `replace` them.

    All is one transaction, which is committed once the tables and the answers to searches are equal
    to those that were backed up. A schema of an earlier release is brought up to date afterwards.
    Raises BackupError, StoreError.
    """
    async with suitable_tools(database) as tools:
        await check_listing(archive, manifest, tools)
        name, preparations = await _prepare(database, manifest, replace=replace)
        async with psql(tools) as session:
            await session.run(_BEGIN)
            await session.run(_RESTORE_SETTINGS)
            for statement in preparations:
                await session.run(statement)
            await _load(session, archive, manifest, tools, step)
            answers = await _compare(session, manifest, step)
            await session.run(_COMMIT)
    return Restored(name, manifest, answers, await migrate(database))


async def _prepare(
    database: Database, manifest: Manifest, *, replace: bool
) -> tuple[str, list[str]]:
    """Check that the database may take the backup; return its name and what to run before."""
    wanted = manifest.origin.pgvector_schema
    async with database.across_spaces() as conn:
        target = await conn.fetchrow(_RESTORE_TARGET)
        if target is None:
            raise BackupError("the database does not describe itself")
        if target["has_tables"] and not replace:
            raise BackupError(
                f"the database {target['name']} holds data of Sage already: "
                f"{counted(await conn.fetchval(_COUNT_MEMORIES), 'memory', 'memories')}",
                detail="nothing was changed",
                hint="back it up and pass --replace to put the backup in its place, or restore "
                "beside it with --into NAME",
            )
        if target["has_tables"] and target["other_sessions"]:
            raise BackupError(
                f"a running Sage uses the database {target['name']}",
                detail="nothing was changed",
                hint="stop every Sage that uses it, for example with `sage down`, and try again",
            )
        if target["encoding"] != "UTF8":
            raise BackupError(
                f"the database {target['name']} keeps text as {target['encoding']}",
                hint="create a database with ENCODING 'UTF8' TEMPLATE template0",
            )
        if target["pgvector_schema"] not in {None, wanted}:
            raise BackupError(
                f"pgvector is in the schema {target['pgvector_schema']} of this database, and the "
                f"backup needs it in {wanted}",
                hint=f"run ALTER EXTENSION vector SET SCHEMA {wanted}, or restore into another "
                "database with --into NAME",
            )
        rows = await conn.fetch(_RESTORE_PREPARATIONS, wanted)
    return target["name"], [row["statement"] for row in rows]


async def _load(
    session: Psql, archive: Archive, manifest: Manifest, tools: Tools, step: Step
) -> None:
    script = ("--file=-", "--schema=sage", "--no-owner", "--no-privileges")
    with step("restoring, bytes", manifest.dump_bytes) as progress:
        async with pg_restore(archive, tools, *script) as child:
            settings, begin, rest = (await child.read()).partition(_END_OF_SETTINGS)
            await session.write(settings.replace(_NEWER_SETTING, b"") + begin + rest)
            while block := await child.read():
                await session.write(block)
                progress.advance(len(block))
            await child.finish()
    with step("building indexes", None):
        for statements in (_TABLE_ANALYSES, _TABLE_RELEASES):
            for statement in await session.texts(statements):
                await session.run(statement)


async def _compare(session: Psql, manifest: Manifest, step: Step) -> int:
    found = await read_contents(session, manifest.origin, step)
    return compare_contents(manifest.contents, found)

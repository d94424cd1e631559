"""Import files of Sage itself: strict, lossless, all lines checked before any is stored."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.cli.terminal.progress import Progress
from sage.cli.views.program_name import as_called
from sage.domain.ids import new_memory_id, short_id
from sage.domain.text.wording import counted
from sage.local.data_dir.instance import Instance
from sage.local.signals import run_until_ended
from sage.phrases import numbered, phrase
from sage.service.configured_database import open_configured_database
from sage.store.migrate import migrate
from sage.transfer.importing.keeping import import_memories

if TYPE_CHECKING:
    from uuid import UUID

    from sage.cli.terminal.console import Console
    from sage.clients.importing.memory_file import MemoryFile
    from sage.config.settings import Settings
    from sage.transfer.importing.keeping import Imported


def import_lines(
    console: Console,
    settings: Settings,
    file: MemoryFile,
    *,
    as_json: bool,
) -> None:
    """Check the lines of a file, then store the memories that do not exist yet.

    Raises InvalidInputError, StoreError, StartupError.
    """
    import_id = new_memory_id()
    with Progress(console, "checking, bytes", file.size_bytes) as progress:
        total = file.count(console.note, progress.advance)
    done = run_until_ended(_import(settings, file, total, console, import_id))
    if as_json:
        console.write_json({"import_id": str(import_id) if done.added else None} | asdict(done))
    else:
        is_running = Instance(settings.data_dir).running() is not None
        _report(done, console, import_id, is_running=is_running)


async def _import(
    settings: Settings, file: MemoryFile, total: int, console: Console, import_id: UUID
) -> Imported:
    try:
        async with open_configured_database(settings) as database:
            await migrate(database)
            with Progress(console, "importing", total) as progress:
                return await import_memories(
                    database,
                    file.memories(),
                    progress.advance,
                    import_id,
                    masking=settings.masking,
                )
    except asyncio.CancelledError:
        console.note(phrase("interrupted: imported memories are kept; run it again to continue"))
        raise


def _report(done: Imported, console: Console, import_id: UUID, *, is_running: bool) -> None:
    there = numbered(
        "{count:,} memory already exists", "{count:,} memories already exist", count=done.there
    )
    if done.added:
        added = counted(done.added, "memory", "memories")
        imported = phrase("{imported} {memories}", imported=phrase("imported"), memories=added)
        console.write(*styled(imported, imported=Style.GOOD))
        if done.there:
            console.write(there)
        console.write(
            as_called(
                "they can be found by keyword now; the running Sage embeds them"
                if is_running
                else "they can be found by keyword now; a running Sage, or `sage reembed`, "
                "embeds them"
            )
        )
        undo = phrase("to undo: `sage import --undo {import_id}`", import_id=short_id(import_id))
        console.write(as_called(undo))
    else:
        console.write(
            phrase("nothing to import: {there}", there=there)
            if done.there
            else phrase("nothing to import: the file contains no memories")
        )
    if done.differing:
        console.write(
            numbered(
                "{count:,} of them differs in the file; the stored text was kept",
                "{count:,} of them differ in the file; the stored text was kept",
                count=done.differing,
            )
        )

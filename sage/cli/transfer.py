"""`sage export` and `sage import`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING

from sage.bootstrap import open_configured_database
from sage.cli.failures import OK
from sage.cli.jsonl import opened_memories
from sage.cli.running import (
    run_until_ended,
    settings_of,
    with_database,
)
from sage.domain import limits
from sage.domain.validation import checked_text
from sage.service.transfer import import_memories as keep_memories
from sage.store.migrate import migrate
from sage.store.transfer import open_export
from sage.terminal.bar import Progress
from sage.terminal.output import Style, counted

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.jsonl import MemoryFile
    from sage.config.settings import Settings
    from sage.service.transfer import Imported
    from sage.store.pool import Database
    from sage.terminal.output import Console


def export_memories(args: Namespace, console: Console) -> int:
    """Write the memories to standard output, one a line."""
    space_id = _checked("--space", args.space)

    async def work(database: Database) -> None:
        async with open_export(database, space_id) as export:
            with Progress(console, "exporting", export.total) as progress:
                async for page in export.pages:
                    for memory in page:
                        console.write_json(memory.as_json(), indent=None)
                    progress.advance(len(page))

    with_database(args, work)
    return OK


def import_memories(args: Namespace, console: Console) -> int:
    """Check the lines of a file, then keep what they hold and is not there yet."""
    space_id, session_id = _checked("--space", args.space), _checked("--session", args.session)
    settings = settings_of(args)
    with opened_memories(args.file, space_id, session_id) as file:
        with Progress(console, "checking, bytes", file.size_bytes) as progress:
            total = file.count(console.note, progress.advance)
        done = run_until_ended(_import(settings, file, total, console))
    if args.json:
        console.write_json(asdict(done))
    else:
        _tell(done, console)
    return OK


async def _import(settings: Settings, file: MemoryFile, total: int, console: Console) -> Imported:
    try:
        async with open_configured_database(settings) as database:
            await migrate(database)
            with Progress(console, "importing", total) as progress:
                return await keep_memories(database, file.memories(), progress.advance)
    except asyncio.CancelledError:
        console.note("stopped: what is imported is kept; run it again to go on")
        raise


def _checked(option: str, text: str | None) -> str | None:
    return None if text is None else checked_text(option, text, limits.MAX_SESSION_ID_CHARS)


def _tell(done: Imported, console: Console) -> None:
    there = counted(done.there, "memory was", "memories were")
    if done.added:
        added = counted(done.added, "memory", "memories")
        console.write(f"{console.paint('imported', Style.GOOD)} {added}")
        if done.there:
            console.write(f"{there} there already")
        console.write("they are found by their words; a running Sage makes their vectors")
    else:
        console.write(f"nothing new: {there} there already")
    if done.differing:
        differing = counted(done.differing, "of them says", "of them say")
        console.write(f"{differing} something else in the file, and stayed as kept")

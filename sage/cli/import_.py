"""`sage import`."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sage.bootstrap import open_configured_database
from sage.cli.export import checked_option
from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.times import to_iso
from sage.clients.transcripts import Manner, found_transcripts, import_transcripts
from sage.errors import InvalidInputError
from sage.importing.jsonl import opened_memories
from sage.importing.report import write_found
from sage.service.transfer import import_memories as keep_memories
from sage.store.migrate import migrate
from sage.terminal.console import Style
from sage.terminal.ending import run_until_ended
from sage.terminal.progress import Progress
from sage.terminal.text import counted
from sage.views.program import as_called

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.config.settings import Settings
    from sage.importing.jsonl import MemoryFile
    from sage.service.transfer import Imported
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare what to read in, and where to."""
    parser.describe(
        import_memories,
        examples=(
            "sage import memories.jsonl",
            "zcat memories.jsonl.gz | sage import -",
            "sage import chat.jsonl --session chat",
            "sage import --list",
            "sage import ~/.claude/projects --dry-run",
            "sage import ~/.claude/projects --since 2026-01-01",
        ),
        details="Reads files of Sage, exports of ChatGPT, and transcripts of Claude Code, Codex,"
        " Gemini CLI, Qwen Code and Copilot CLI, which are recognized by their content. A message"
        " that a hook has captured is not imported again."
        "\n\n"
        "Files of Sage: every line is validated before any is stored. Memories that already exist"
        " are skipped, so an interrupted import can simply be repeated."
        "\n\n"
        "Fields of a line: role, content, and optionally memory_id, space, session_id, name,"
        " created_at, metadata.",
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="file with one memory per line (- for standard input), transcripts or their folder",
    )
    parser.add_argument(
        "--list", action="store_true", help="list the transcripts on this machine; import nothing"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="of exports and transcripts: count what is new; import nothing",
    )
    parser.add_argument("--since", metavar="TIME", help="of these: only messages since then")
    parser.add_argument(
        "--space",
        metavar="NAME",
        help="put all memories into this space (default: that of each line)",
    )
    parser.add_argument(
        "--session", metavar="ID", help="session of lines that have none, as in a chat log"
    )
    parser.add_json()


def import_memories(args: Namespace, console: Console) -> int:
    """Check the lines of a file, then keep what they hold and is not there yet."""
    space_id, session_id = (
        checked_option("--space", args.space),
        checked_option("--session", args.session),
    )
    settings = settings_of(args)
    if args.list:
        write_found(console, as_json=args.json)
        return OK
    if (len(args.paths) != 1 and "-" in args.paths) or not args.paths:
        raise InvalidInputError("PATH", "is missing", hint="name a file, or pass --list")
    since = to_iso("--since", args.since, settings.timezone)
    earliest = None if since is None else datetime.fromisoformat(since)
    found = [] if args.paths == ["-"] else found_transcripts(args.paths, earliest)
    if found:
        import_transcripts(console, settings, found, Manner(args.dry_run, args.json))
        return OK
    with opened_memories(args.paths[0], space_id, session_id) as file:
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


def _tell(done: Imported, console: Console) -> None:
    there = counted(done.there, "memory already exists", "memories already exist")
    if done.added:
        added = counted(done.added, "memory", "memories")
        console.write(("imported", Style.GOOD), f" {added}")
        if done.there:
            console.write(there)
        console.write(
            as_called(
                "they can be found by keyword now; a running Sage, or `sage reembed`, embeds them"
            )
        )
    else:
        console.write(f"nothing to import: {there}")
    if done.differing:
        differing = counted(done.differing, "of them says", "of them say")
        console.write(f"{differing} something else in the file, and stayed as kept")

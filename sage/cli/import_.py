"""`sage import`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.host import require_host
from sage.cli.open_services import settings_of
from sage.cli.options import JSON, checked_option, chosen_space, space_option
from sage.cli.verb import argument, verb
from sage.clients.formats.sources import SOURCES
from sage.clients.importing.selection import INCLUDABLE
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.clients.importing.selection import Selection
    from sage.config.settings import Settings


@verb(
    "import",
    argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="file, zip archive or directory to import (- for JSON Lines on standard input)",
    ),
    argument(
        "--list",
        action="store_true",
        help="list what can be imported on this machine, without importing",
    ),
    argument(
        "--dry-run",
        action="store_true",
        help="count what is new, without importing (exports of other programs only)",
    ),
    argument(
        "--since", metavar="TIME", help="import only messages since TIME (other programs only)"
    ),
    argument(
        "--include",
        metavar="WHAT",
        help=phrase(
            "also import what is skipped by default (other programs only): {kinds}, "
            "separated by commas",
            kinds=list(INCLUDABLE),
        ),
    ),
    argument(
        "--timezone",
        metavar="ZONE",
        help="time zone for times without one (other programs only; default: the local one)",
    ),
    argument(
        "--date-format",
        metavar="FORMAT",
        help="format of dates in CSV files, such as %%d/%%m/%%Y (default: year first)",
    ),
    space_option("put all memories into this space", phrase("the one in each line")),
    argument("--session", metavar="ID", help="session for lines without one, as in a chat log"),
    argument("--undo", metavar="IMPORT", help="delete what an import added: its id, or `last`"),
    JSON,
    examples=(
        "sage import memories.jsonl",
        "zcat memories.jsonl.gz | sage import -",
        "sage import chat.jsonl --session chat",
        "sage import --list",
        "sage import ~/.claude/projects --dry-run",
        "sage import chatgpt-export.zip --since 2026-01-01",
        "sage import --undo last",
    ),
    details=phrase(
        "Imports files written by `sage export` and by other programs, recognized by "
        "their content: {sources}. Messages already captured by hooks are not imported "
        "again. Notes (Markdown and text) found among other files, or in more than one "
        "directory, are only imported after confirmation, or with `--include notes`; "
        "texts of packages and Git checkouts never are.\n\nFiles of `sage export`: every "
        "line is validated before any is stored. Memories that already exist are "
        "skipped, so an interrupted import can simply be repeated.\n\nFields of a line: "
        "role, content, and optionally memory_id, space, session_id, name, created_at, "
        "metadata, replaces, author.",
        sources=SOURCES,
    ),
)
def import_memories(args: Namespace, console: Console) -> int:
    """Import files and directories, list what can be imported, or undo an import."""
    from sage.cli.importing.own_lines import import_lines
    from sage.cli.importing.report import write_found
    from sage.cli.importing.running import Manner, import_sources, opened_sources, undo
    from sage.clients.hooks.settings import use as use_settings_of_hooks
    from sage.clients.importing.memory_file import opened_memories, refuse_options_of_others

    session_id = checked_option("--session", args.session)
    settings = settings_of(args)
    use_settings_of_hooks(str(settings.data_dir))
    space_id = chosen_space(args, settings)
    selection = _selection(args, settings, space_id)
    if args.list:
        require_host("import --list")
        write_found(console, as_json=args.json)
        return OK
    if args.undo is not None:
        undo(console, settings, args.undo, as_json=args.json)
        return OK
    if (len(args.paths) != 1 and "-" in args.paths) or not args.paths:
        raise InvalidInputError("PATH", "{field} is missing", hint="pass a file, or --list")
    with opened_sources(args.paths, selection, console, dry_run=args.dry_run) as found:
        if found:
            whole = import_sources(console, settings, found, Manner(args.dry_run, args.json))
            return OK if whole else FAILED
    refuse_options_of_others(args.paths[0], vars(args))
    with opened_memories(args.paths[0], space_id, session_id) as file:
        import_lines(console, settings, file, as_json=args.json)
    return OK


def _selection(args: Namespace, settings: Settings, space_id: str | None) -> Selection:
    from sage.cli.views.times import to_iso, to_timezone
    from sage.clients.importing.selection import Selection, included
    from sage.clients.reading.tables import checked_date_format

    since = to_iso("--since", args.since, settings.timezone)
    return Selection(
        None if since is None else datetime.fromisoformat(since),
        included(args.include),
        to_timezone("--timezone", args.timezone, settings.timezone),
        space_id or DEFAULT_SPACE,
        checked_date_format(args.date_format),
    )

"""`sage export`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configuration_of, with_database
from sage.domain import limits
from sage.domain.validation import validate_text
from sage.store.migrate import require_schema
from sage.store.transfer import open_export
from sage.terminal.progress import Progress
from sage.terminal.prompt import confirm
from sage.views.markdown_folder import MarkdownFolder
from sage.views.program_name import program

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.parsing import VerbParser
    from sage.domain.transfer import TransferredMemory
    from sage.store.pool import Database
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare what to write out."""
    parser.describe(
        export,
        examples=(
            "sage export > memories.jsonl",
            "sage export | gzip > memories.jsonl.gz",
            "sage export --markdown memories",
        ),
        details="Forgotten memories are not included. `sage import` restores the memories"
        " elsewhere, with the same ids.",
    )
    parser.add_argument("--space", metavar="NAME", help="only this space (default: all)")
    parser.add_argument(
        "--markdown", metavar="FOLDER", help="write Markdown to read, a file for each session"
    )


def export(args: Namespace, console: Console) -> int:
    """Write the memories to standard output, one a line, or into a folder."""
    space_id = checked_option("--space", args.space)
    if args.markdown is not None:
        timezone = configuration_of(args, listens=False).require_settings().timezone
        with MarkdownFolder(Path(args.markdown), timezone) as folder:
            with_database(args, lambda database: _write(database, space_id, folder.write, console))
        return OK
    shown = console.out.isatty()
    if shown:
        console.note("to keep the memories in a file:")
        console.note(f"  {program()} export > memories.jsonl")
        if not confirm(console, "write all of them to this terminal"):
            return FAILED

    def write(memory: TransferredMemory) -> None:
        console.write_json(memory.to_json(), indent=None)

    with_database(args, lambda database: _write(database, space_id, write, console, bar=not shown))
    return OK


async def _write(
    database: Database,
    space_id: str | None,
    write: Callable[[TransferredMemory], None],
    console: Console,
    *,
    bar: bool = True,
) -> None:
    await require_schema(database)
    async with open_export(database, space_id) as export:
        if not export.total:
            console.note("no memories" + (f" in the space {space_id!r}" if space_id else ""))
        with Progress(console, "exporting", export.total) if bar else nullcontext() as progress:
            async for page in export.pages:
                for memory in page:
                    write(memory)
                if progress is not None:
                    progress.advance(len(page))


def checked_option(option: str, text: str | None) -> str | None:
    """Check the name of a space or a session. Raises InvalidInputError."""
    return None if text is None else validate_text(option, text, limits.MAX_SESSION_ID_CHARS)

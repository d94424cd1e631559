"""`sage export`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import with_database
from sage.domain import limits
from sage.domain.validation import validate_text
from sage.store.migrate import require_schema
from sage.store.transfer import open_export
from sage.terminal.progress import Progress
from sage.terminal.prompt import confirm
from sage.views.program import program

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.store.pool import Database
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare what to write out."""
    parser.describe(
        export,
        examples=("sage export > memories.jsonl", "sage export | gzip > memories.jsonl.gz"),
        details="Forgotten memories are not included. `sage import` restores the memories"
        " elsewhere, with the same ids.",
    )
    parser.add_argument("--space", metavar="NAME", help="only this space (default: all)")


def export(args: Namespace, console: Console) -> int:
    """Write the memories to standard output, one a line."""
    space_id = checked_option("--space", args.space)
    shown = console.out.isatty()
    if shown:
        console.note("to keep the memories in a file:")
        console.note(f"  {program()} export > memories.jsonl")
        if not confirm(console, "write all of them to this terminal"):
            return FAILED

    async def work(database: Database) -> None:
        await require_schema(database)
        async with open_export(database, space_id) as export:
            if not export.total:
                console.note("no memories" + (f" in the space {space_id!r}" if space_id else ""))
            with nullcontext() if shown else Progress(console, "exporting", export.total) as bar:
                async for page in export.pages:
                    for memory in page:
                        console.write_json(memory.to_json(), indent=None)
                    if bar is not None:
                        bar.advance(len(page))

    with_database(args, work)
    return OK


def checked_option(option: str, text: str | None) -> str | None:
    """Check the name of a space or a session. Raises InvalidInputError."""
    return None if text is None else validate_text(option, text, limits.MAX_SESSION_ID_CHARS)

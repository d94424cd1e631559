"""`sage export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configuration_of, with_database
from sage.cli.options import checked_option, chosen_space, space_option
from sage.cli.verb import argument, verb
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.domain.transfer import TransferredMemory


@verb(
    "export",
    space_option("only this space", phrase("all")),
    argument("--session", metavar="ID", help="only this session"),
    argument("--author", metavar="NAME", help="only what NAME saved, including forgotten memories"),
    argument(
        "--markdown", metavar="FOLDER", help="write Markdown for people, one file per session"
    ),
    examples=(
        "sage export > memories.jsonl",
        "sage export | gzip > memories.jsonl.gz",
        "sage export --markdown memories",
        "sage export --session tea > tea.jsonl",
        "sage export --author anna > anna.jsonl",
    ),
    details="Forgotten memories are not included, except with --author, where they are marked."
    " `sage import` restores the others elsewhere, with the same ids.",
)
def export(args: Namespace, console: Console) -> int:
    """Write the memories to standard output, one per line, or into a directory."""
    from sage.cli.exporting import Selected, write_memories
    from sage.cli.markdown_folder import MarkdownFolder
    from sage.cli.terminal.prompt import confirm
    from sage.cli.views.program_name import command

    settings = configuration_of(args, listens=False).require_settings()
    which = Selected(
        chosen_space(args, settings),
        checked_option("--author", args.author),
        checked_option("--session", args.session),
    )
    if args.markdown is not None:
        with MarkdownFolder(Path(args.markdown), settings.timezone) as folder:
            with_database(
                args, lambda database: write_memories(database, which, folder.write, console)
            )
        return OK
    shown = console.out.isatty()
    if shown:
        console.note(phrase("to write the memories to a file:"))
        console.note("  ", command("export", ">", "memories.jsonl"))
        if not confirm(console, phrase("write all of them to this terminal")):
            return FAILED

    def write(memory: TransferredMemory) -> None:
        console.write_json(memory.to_json(), indent=None)

    with_database(
        args, lambda database: write_memories(database, which, write, console, bar=not shown)
    )
    return OK

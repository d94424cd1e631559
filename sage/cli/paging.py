"""Paging of `sage sessions`, `sage list` and `sage show`: one page, and the next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sage.cli.options import JSON, SPACE
from sage.cli.verb import argument
from sage.cli.views.program_name import program
from sage.domain import limits
from sage.domain.listing import PageRequest
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console

PAGE = (
    argument(
        "-n",
        "--limit",
        type=int,
        default=20,
        metavar="N",
        help=phrase(
            "maximum number of entries, 1 to {most} (default: %(default)s)",
            most=limits.MAX_PAGE_ITEMS,
        ),
    ),
    argument("--cursor", metavar="CURSOR", help="continue after the previous page"),
    SPACE,
    JSON,
)
"""The options of a page: its size and its beginning."""


def read_page(args: Namespace) -> PageRequest:
    """Return the requested page. Raises InvalidInputError."""
    return PageRequest(limit=args.limit, cursor=args.cursor)


def write_next(console: Console, args: Namespace, next_cursor: str | None, *command: str) -> None:
    """Write the command for the next page, if there is one, on a line of its own."""
    if next_cursor is not None:
        page = ("--limit", str(args.limit), "--cursor", next_cursor)
        console.note(phrase("more:"))
        console.note(f"  {command_again(args, *command, *page)}")


def command_again(args: Namespace, *command: str) -> str:
    """Return a command to copy, with the data directory, the settings and the space of this one."""
    words = [*command]
    options = {
        "--data-dir": args.SAGE_DATA_DIR,
        "--env-file": args.env_file,
        "--space": args.space,
    }
    for option, value in options.items():
        if value:
            words += [option, str(value)]
    return f"{program()} {shlex.join(words)}"

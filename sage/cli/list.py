"""`sage list`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic_core import to_jsonable_python

from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.paging import add_page, read_page, write_next
from sage.cli.space_option import in_space
from sage.views.memory import write_memory

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare which page is shown."""
    parser.describe(list_memories, examples=("sage list", "sage list --limit 50 --json"))
    add_page(parser)


def list_memories(args: Namespace, console: Console) -> int:
    """Print memories, the newest first."""
    page, settings = read_page(args), settings_of(args)
    found = in_space(
        args,
        lambda services, space_id: services.listing.list_memories(replace(page, space_id=space_id)),
        settings,
    )
    if args.json:
        console.write_json(to_jsonable_python(found))
        return OK
    for memory in found.memories:
        write_memory(console, memory, settings.timezone)
        console.write()
    if not found.memories:
        console.note("no memories yet")
    write_next(console, args, found.next_cursor, "list")
    return OK

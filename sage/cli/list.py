"""`sage list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.paging import add_page, write_next
from sage.cli.views.memory import write_memory
from sage.domain.answer_json import to_json
from sage.domain.listing import ListOrder, MemoriesRequest
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare which page is shown."""
    parser.describe(list_memories, examples=("sage list", "sage list --order kept --limit 50"))
    parser.add_argument(
        "--order",
        choices=[str(order) for order in ListOrder],
        default=str(ListOrder.SAID),
        help="show first what was said last, or what arrived here last (default: %(default)s)",
    )
    add_page(parser)


def list_memories(args: Namespace, console: Console) -> int:
    """Print memories, the newest first."""
    page = MemoriesRequest(args.limit, args.cursor, order=ListOrder(args.order))
    memories = AskedMemories(args)
    found = memories.ask(lambda there: there.list_memories(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for memory in found.memories:
        write_memory(console, memory, memories.timezone)
        console.write()
    if not found.memories:
        console.note(phrase("no memories yet"))
    write_next(console, args, found.next_cursor, "list", "--order", args.order)
    return OK

"""`sage correct`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE
from sage.cli.paging import command_again
from sage.cli.terminal.prompt import can_ask
from sage.cli.verb import argument, verb
from sage.domain.answer_json import to_json
from sage.domain.ids import named_id, short_id
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "correct",
    argument("memory_id", metavar="ID", help="id of a memory, or its beginning or end"),
    argument("text", nargs="?", metavar="TEXT", help="the complete new text; - for standard input"),
    SPACE,
    JSON,
    examples=(
        'sage correct 49216d62 "Mei likes sencha."',
        "sage correct 49216d62",
        "echo 'Mei likes sencha.' | sage correct 49216d62 -",
    ),
    details="The old text is kept, but no longer found. Forgetting the correction "
    "restores it. Without TEXT, the old text is opened in $EDITOR.",
)
def correct(args: Namespace, console: Console) -> int:
    """Replace the text of a memory, keeping its speaker, time and metadata."""
    memory_id = named_id("ID", args.memory_id)
    memories = AskedMemories(args)
    if args.text is None:
        if not can_ask(console):
            raise InvalidInputError(
                "TEXT", "{field} is missing", hint="pass the text, or - to read it from a pipe"
            )
        from sage.cli.terminal.editor import edited

        old = memories.ask(lambda there: there.read_memory(memory_id))
        memory_id, text = old.memory_id, edited(old.content)
        if text == old.content.strip():
            console.note(phrase("nothing was changed"))
            return FAILED
    else:
        text = sys.stdin.read().strip() if args.text == "-" else args.text
    receipt = memories.ask(lambda there: there.correct(memory_id, text))
    if args.json:
        console.write_json(to_json(receipt, whole=True))
        return OK
    new = short_id(receipt.memory_ids[0])
    if receipt.saved:
        console.write(phrase("corrected: {id} replaces it; to undo:", id=new))
        console.write_text(f"  {command_again(args, 'forget', new)}\n")
    else:
        console.write(phrase("nothing to change: {id} has this text already", id=new))
    return OK

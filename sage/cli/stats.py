"""`sage stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.space_option import add_space
from sage.cli.views.stats import write_captures, write_stats
from sage.clients.hooks.liveness import read_captures
from sage.domain.answer_json import to_json

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the form of the answer."""
    parser.describe(stats, examples=("sage stats", "sage stats --json"))
    add_space(parser)
    parser.add_json()


def stats(args: Namespace, console: Console) -> int:
    """Print what is kept and how much room it takes."""
    memories = AskedMemories(args)
    captures = read_captures(memories.data_dir)
    counts, advice = memories.ask(lambda there: there.stats())
    if args.json:
        console.write_json(to_json(counts))
        return OK
    write_stats(console, counts, memories.timezone)
    write_captures(console, captures, memories.space, memories.timezone)
    if advice:
        console.note(advice)
    return OK

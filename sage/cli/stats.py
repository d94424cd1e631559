"""`sage stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE
from sage.cli.verb import verb
from sage.cli.views.stats import write_captures, write_stats
from sage.clients.hooks.capture_report import read_captures
from sage.domain.answer_json import to_json

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb("stats", SPACE, JSON, examples=("sage stats", "sage stats --json"))
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

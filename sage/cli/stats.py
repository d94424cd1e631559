"""`sage stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.answer_json import to_json_object
from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.space_option import add_space, chosen_space, in_space
from sage.hooks.liveness import read_captures
from sage.views.stats import write_captures, write_stats

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.bootstrap import Services
    from sage.cli.parsing import VerbParser
    from sage.domain.memories import MemoryStats
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the form of the answer."""
    parser.describe(stats, examples=("sage stats", "sage stats --json"))
    add_space(parser)
    parser.add_json()


def stats(args: Namespace, console: Console) -> int:
    """Print what is kept and how much room it takes."""

    async def look(services: Services, space_id: str) -> tuple[MemoryStats, str]:
        return await services.memory.stats(space_id), services.model.advice

    settings = settings_of(args)
    captures = read_captures(settings.data_dir)
    counts, advice = in_space(args, look, settings)
    if args.json:
        console.write_json(to_json_object(counts))
        return OK
    write_stats(console, counts, settings.timezone)
    write_captures(console, captures, chosen_space(args, settings), settings.timezone)
    if advice:
        console.note(advice)
    return OK

"""`python -m benchmarks search-cost`: the processor time of a search."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.report import search_cost_table
from benchmarks.search_cost import SearchCost, measure_search_cost
from sage.cli.bench import add_json_file, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_apart
from sage.cli.failures import OK
from sage.cli.parsing import positive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


def declare(parser: VerbParser) -> None:
    """Declare how many memories are searched, and how often."""
    parser.describe(search_cost, examples=("python -m benchmarks search-cost --memories 1000",))
    parser.add_argument(
        "--memories",
        type=positive,
        default=7_341,
        metavar="N",
        help="memories to search (default: %(default)s)",
    )
    parser.add_argument(
        "--questions",
        type=positive,
        default=60,
        metavar="N",
        help="questions to ask (default: %(default)s)",
    )
    add_json_file(parser)


def search_cost(args: Namespace, console: Console) -> int:
    """Print the processor time that a search takes of PostgreSQL and of Sage."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> SearchCost:
        return await measure_search_cost(place, args.memories, args.questions, advance)

    steps = args.memories + args.questions
    cost = measure_apart(settings, console, "search-cost", steps, measure)
    report |= {"search_cost": asdict(cost)}
    write_report(console, report, [search_cost_table(cost)], args.json)
    return OK

"""`python -m benchmarks search-cost`: the processor time of a search."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.report import search_cost_table
from benchmarks.search_cost import SearchCost, measure_search_cost
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


@verb(
    "search-cost",
    argument(
        "--memories",
        type=positive,
        default=7_341,
        metavar="N",
        help="number of memories to search (default: %(default)s)",
    ),
    argument(
        "--questions",
        type=positive,
        default=60,
        metavar="N",
        help="number of questions (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the processor time of a search",
    examples=("python -m benchmarks search-cost --memories 1000",),
)
def search_cost(args: Namespace, console: Console) -> int:
    """Print the processor time of a search in PostgreSQL and in Sage."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> SearchCost:
        return await measure_search_cost(place, args.memories, args.questions, advance)

    steps = args.memories + args.questions
    cost = measure_in_sandbox(settings, console, "search-cost", steps, measure)
    report |= {"search_cost": asdict(cost)}
    write_report(console, report, [search_cost_table(cost)], args.json)
    return OK

"""`python -m benchmarks console`: the latency of the console's pages, and the blocks read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.pages import PageCost, measure_pages
from benchmarks.report import pages_table
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
    "console",
    argument(
        "--memories",
        type=positive,
        default=10_000,
        metavar="N",
        help="memories to show, in sessions of 20 over a year (default: %(default)s)",
    ),
    argument(
        "--calls",
        type=positive,
        default=20,
        metavar="N",
        help="calls of each page in each of three rounds (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the time of the pages of the console",
    examples=("python -m benchmarks console --memories 100000",),
)
def pages(args: Namespace, console: Console) -> int:
    """Print the latency of each page relative to /health, and the blocks its queries read."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[PageCost]:
        return await measure_pages(place, args.memories, args.calls, advance)

    costs = measure_in_sandbox(settings, console, "console", args.memories, measure)
    report |= {"console": [asdict(one) for one in costs]}
    write_report(console, report, [pages_table(costs)], args.json)
    return OK

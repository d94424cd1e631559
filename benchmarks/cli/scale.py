"""`python -m benchmarks scale`: the cost of one space as it grows."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.report import scale_table
from benchmarks.scale import SizeCost, measure_scale
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
    "scale",
    argument(
        "--memories",
        type=positive,
        nargs="+",
        default=(10_000, 100_000),
        metavar="N",
        help="numbers of memories, ascending (default: 10000 100000; 1000000 takes hours)",
    ),
    argument(
        "--questions",
        type=positive,
        default=50,
        metavar="N",
        help="number of questions at each size (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure cost and recall of one space as it grows",
    examples=("python -m benchmarks scale --memories 100000 300000 1000000",),
)
def scale(args: Namespace, console: Console) -> int:
    """Print the cost of a space to PostgreSQL at each size, and the recall of vector search."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[SizeCost]:
        return await measure_scale(place, args.memories, args.questions, advance)

    steps = max(args.memories) + args.questions * len(set(args.memories))
    costs = measure_in_sandbox(settings, console, "scale", steps, measure)
    report |= {"questions": args.questions, "scale": [asdict(one) for one in costs]}
    write_report(console, report, [scale_table(costs)], args.json)
    return OK

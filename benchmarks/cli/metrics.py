"""`python -m benchmarks metrics`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.metrics_cost import CALLS, MetricsCost, measure_metrics_cost
from benchmarks.report import metrics_cost_table
from sage.benchmark.report import write_report
from sage.benchmark.running import measure_apart
from sage.cli.bench import add_json_file, begin_report
from sage.cli.failures import OK
from sage.cli.parsing import positive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from sage.cli.parsing import VerbParser
    from sage.config.settings import Settings
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare how many calls are timed."""
    parser.describe(metrics, examples=("python -m benchmarks metrics --calls 2000",))
    parser.add_argument(
        "--calls",
        type=positive,
        default=1_000,
        metavar="N",
        help="searches and saves to time with and without (default: %(default)s each)",
    )
    add_json_file(parser)


def metrics(args: Namespace, console: Console) -> int:
    """Print how long searches and saves take with metrics and without."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> Mapping[str, MetricsCost]:
        return await measure_metrics_cost(place, args.calls, advance)

    costs = measure_apart(settings, console, "metrics", len(CALLS) * args.calls, measure)
    report |= {"metrics": {name: asdict(cost) for name, cost in costs.items()}}
    write_report(console, report, [metrics_cost_table(costs)], args.json)
    return OK

"""`python -m benchmarks metrics` and `row-security`: what a part of Sage costs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.costs import (
    CALLS,
    Build,
    Cost,
    build_without_metrics,
    build_without_row_security,
    measure_cost,
)
from benchmarks.report import costs_table
from sage.cli.bench import add_json_file, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_apart
from sage.cli.failures import OK
from sage.cli.parsing import positive

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


def declare_metrics(parser: VerbParser) -> None:
    """Declare how many calls are timed."""
    parser.describe(metrics, examples=("python -m benchmarks metrics --calls 2000",))
    _add_options(parser)


def declare_row_security(parser: VerbParser) -> None:
    """Declare how many calls are timed."""
    parser.describe(row_security, examples=("python -m benchmarks row-security --calls 2000",))
    _add_options(parser)


def metrics(args: Namespace, console: Console) -> int:
    """Print how long searches and saves take with metrics and without."""
    return _compare(args, console, "metrics", build_without_metrics)


def row_security(args: Namespace, console: Console) -> int:
    """Print how long searches and saves take with row-level security and without."""
    return _compare(args, console, "row-security", build_without_row_security)


def _add_options(parser: VerbParser) -> None:
    parser.add_argument(
        "--calls",
        type=positive,
        default=1_000,
        metavar="N",
        help="searches and saves to time with and without (default: %(default)s each)",
    )
    add_json_file(parser)


def _compare(args: Namespace, console: Console, part: str, without: Build) -> int:
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> Mapping[str, Cost]:
        return await measure_cost(place, without, args.calls, advance)

    costs = measure_apart(settings, console, part, len(CALLS) * args.calls, measure)
    report |= {part: {name: asdict(cost) for name, cost in costs.items()}}
    write_report(console, report, [costs_table(costs, part)], args.json)
    return OK

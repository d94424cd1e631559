"""`python -m benchmarks metrics` and `row-security`: the cost of a part of Sage."""

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
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


_OPTIONS = (
    argument(
        "--calls",
        type=positive,
        default=1_000,
        metavar="N",
        help="searches and saves to time with and without (default: %(default)s each)",
    ),
    JSON_FILE,
)


@verb(
    "metrics",
    *_OPTIONS,
    summary="measure how much longer calls take with metrics",
    examples=("python -m benchmarks metrics --calls 2000",),
)
def metrics(args: Namespace, console: Console) -> int:
    """Print the latency of searches and saves with metrics and without."""
    return _compare(args, console, "metrics", build_without_metrics)


@verb(
    "row-security",
    *_OPTIONS,
    summary="measure how much longer calls take with row-level security",
    examples=("python -m benchmarks row-security --calls 2000",),
)
def row_security(args: Namespace, console: Console) -> int:
    """Print the latency of searches and saves with row-level security and without."""
    return _compare(args, console, "row-security", build_without_row_security)


def _compare(args: Namespace, console: Console, part: str, without: Build) -> int:
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> Mapping[str, Cost]:
        return await measure_cost(place, without, args.calls, advance)

    costs = measure_in_sandbox(settings, console, part, len(CALLS) * args.calls, measure)
    report |= {part: {name: asdict(cost) for name, cost in costs.items()}}
    write_report(console, report, [costs_table(costs, part)], args.json)
    return OK

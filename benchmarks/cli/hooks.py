"""`python -m benchmarks hooks`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.hooks import ROUND, HookCosts, measure_hooks
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.benchmark.timing import Spread
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_LEGEND = (
    "p50, p95: half of the calls, 95 of 100 take no longer; ratios: p50 to that of Python "
    "without its libraries (-I -S), and of Python with default options."
)


@verb(
    "hooks",
    argument(
        "--calls",
        type=positive,
        default=30,
        metavar="N",
        help="number of calls of each hook (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure how long an AI client waits for hooks",
    examples=("python -m benchmarks hooks --calls 100",),
)
def hooks(args: Namespace, console: Console) -> int:
    """Print the latency of hooks, with Sage running and stopped."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> HookCosts:
        return await measure_hooks(place, args.calls, advance)

    costs = measure_in_sandbox(settings, console, "hooks", ROUND * args.calls, measure)
    write_report(console, report | {"hooks": asdict(costs)}, [_table(costs)], args.json)
    return OK


def _table(costs: HookCosts) -> Table:
    rows = [
        _row("python -I -S -c pass", "", costs.bare, "", ""),
        _row("python -c pass", "", costs.python, "", ""),
        *(
            _row(one.event, one.sage, one.took, f"{one.bare_ratio}", f"{one.python_ratio}")
            for one in costs.hooks
        ),
    ]
    heading = ("hook", "Sage", "calls", "best ms", "p50 ms", "p95 ms", "to -I -S", "to python")
    return Table(heading, rows, left=2, legend=_LEGEND)


def _row(name: str, sage: str, took: Spread, *ratios: str) -> tuple[str, ...]:
    times = (f"{one:.1f}" for one in (took.best_ms, took.p50_ms, took.p95_ms))
    return (name, sage, f"{took.calls:,}", *times, *ratios)

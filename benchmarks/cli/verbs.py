"""`python -m benchmarks verbs`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.verbs import ROUND, VerbCosts, measure_verbs
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

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_LEGEND = (
    "Processor time of the command, without that of the server; ratio: p50 to that of the floor."
)


@verb(
    "verbs",
    argument(
        "--calls",
        type=positive,
        default=5,
        metavar="N",
        help="number of calls of each command (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the processor time of the command line",
    examples=("python -m benchmarks verbs --calls 20",),
)
def verbs(args: Namespace, console: Console) -> int:
    """Print the processor time of verbs next to a running server."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> VerbCosts:
        return await measure_verbs(place, args.calls, advance)

    costs = measure_in_sandbox(settings, console, "verbs", ROUND * args.calls, measure)
    write_report(console, report | {"verbs": asdict(costs)}, [_table(costs)], args.json)
    return OK


def _table(costs: VerbCosts) -> Table:
    floor = ('python -c "import json"', costs.floor, 1.0)
    rows = [
        (name, f"{took.calls:,}", f"{took.best_ms:.0f}", f"{took.p50_ms:.0f}", f"{ratio}")
        for name, took, ratio in (floor, *((one.verb, one.took, one.ratio) for one in costs.verbs))
    ]
    return Table(("command", "calls", "best ms", "p50 ms", "ratio"), rows, left=1, legend=_LEGEND)

"""`python -m benchmarks door`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.door import DoorTimes, measure_door, steps_of
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_apart
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


@verb(
    "door",
    argument(
        "--calls",
        type=positive,
        default=1_000,
        metavar="N",
        help="number of rejections, searches and saves to time (default: %(default)s of each kind)",
    ),
    JSON_FILE,
    summary="measure the time of rejected calls, and the cost of access checks",
    examples=("python -m benchmarks door --calls 2000",),
)
def door(args: Namespace, console: Console) -> int:
    """Print how long tokens are refused, and calls with layers of the door and without."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> DoorTimes:
        return await measure_door(place, args.calls, advance)

    times = measure_apart(settings, console, "door", steps_of(args.calls), measure)
    tables = [_refusals(times), _costs(times)]
    write_report(console, report | {"door": asdict(times)}, tables, args.json)
    return OK


def _refusals(times: DoorTimes) -> Table:
    first = next(iter(times.refusals.values())).p50_ms
    rows = [
        (kind, *(f"{ms:.2f}" for ms in (one.best_ms, one.p50_ms, one.p95_ms, one.p50_ms / first)))
        for kind, one in times.refusals.items()
    ]
    return Table(("token", "best ms", "p50 ms", "p95 ms", "p50 ratio"), rows, left=1)


def _costs(times: DoorTimes) -> Table:
    rows = [
        (
            one.call,
            one.layer,
            *(f"{ms.best_ms:.2f} / {ms.p50_ms:.2f}" for ms in (one.times.call, one.times.floor)),
            f"{one.times.call.best_ms / one.times.floor.best_ms:.2f} / {one.times.p50_ratio:.2f}",
        )
        for one in times.costs
    ]
    heading = ("call", "layer", "best / p50 ms with", "best / p50 ms without", "ratios")
    return Table(heading, rows, left=2)

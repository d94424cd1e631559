"""`python -m benchmarks access-checks`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.access_checks import AccessCheckTimes, measure_access_checks, steps_of
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


@verb(
    "access-checks",
    argument(
        "--calls",
        type=positive,
        default=1_000,
        metavar="N",
        help="number of rejections, searches and saves to time (default: %(default)s of each kind)",
    ),
    JSON_FILE,
    summary="measure the latency of rejected calls, and the cost of access checks",
    examples=("python -m benchmarks access-checks --calls 2000",),
)
def access_checks(args: Namespace, console: Console) -> int:
    """Print the latency of rejected calls, and of calls with and without each access check."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> AccessCheckTimes:
        return await measure_access_checks(place, args.calls, advance)

    times = measure_in_sandbox(settings, console, "access-checks", steps_of(args.calls), measure)
    tables = [_rejections(times), _costs(times)]
    write_report(console, report | {"access_checks": asdict(times)}, tables, args.json)
    return OK


def _rejections(times: AccessCheckTimes) -> Table:
    first = next(iter(times.rejections.values())).p50_ms
    rows = [
        (kind, *(f"{ms:.2f}" for ms in (one.best_ms, one.p50_ms, one.p95_ms, one.p50_ms / first)))
        for kind, one in times.rejections.items()
    ]
    return Table(("token", "best ms", "p50 ms", "p95 ms", "p50 ratio"), rows, left=1)


def _costs(times: AccessCheckTimes) -> Table:
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

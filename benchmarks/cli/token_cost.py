"""`python -m benchmarks token-cost`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.token_cost import TokenCost, measure_token_cost, saves_of
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

_LEGEND = "Ratios of processor time and of p50, as medians of five rounds:"


@verb(
    "token-cost",
    argument(
        "--turns",
        type=positive,
        default=20,
        metavar="N",
        help="alternations of ten saves of each kind, in each of five rounds (default: "
        "%(default)s)",
    ),
    JSON_FILE,
    summary="measure the cost of a token per save",
    examples=("python -m benchmarks token-cost --turns 50",),
)
def token_cost(args: Namespace, console: Console) -> int:
    """Print the cost of saves with a token and without."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> TokenCost:
        return await measure_token_cost(place, args.turns, advance)

    cost = measure_in_sandbox(settings, console, "token-cost", saves_of(args.turns), measure)
    write_report(console, report | {"token_cost": asdict(cost)}, [_table(cost)], args.json)
    return OK


def _table(cost: TokenCost) -> Table:
    rows = [
        (
            name,
            f"{saves.times.calls:,}",
            f"{saves.sage_ms:.2f}",
            f"{saves.postgres_ms:.2f}",
            f"{saves.times.best_ms:.2f}",
            f"{saves.times.p50_ms:.2f}",
        )
        for name, saves in (("with a token", cost.shown), ("without", cost.none))
    ]
    columns = ("saves", "calls", "Sage, ms", "PostgreSQL, ms", "best ms", "p50 ms")
    legend = f"{_LEGEND} {cost.processor_ratio:.3f}, {cost.p50_ratio:.3f}."
    return Table(columns, rows, left=1, legend=legend)

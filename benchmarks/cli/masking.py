"""`python -m benchmarks masking`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.masking import (
    LENGTHS,
    SaveCost,
    corpus_text,
    measure_rates,
    measure_saves,
    microseconds_of,
)
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
    "masking",
    argument(
        "--data",
        nargs="+",
        default=(),
        metavar="FILE",
        help="conversations, as JSON of any structure",
    ),
    argument(
        "--calls",
        type=positive,
        default=300,
        metavar="N",
        help="saves to time (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the recall, the false positives and the cost of masking",
    examples=("python -m benchmarks masking --data locomo10.json memorybank-cn.json",),
)
def masking(args: Namespace, console: Console) -> int:
    """Print the recall and the false positives of masking, and its processor time."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> SaveCost:
        return await measure_saves(place, args.calls, advance)

    cost = measure_in_sandbox(settings, console, "saves", args.calls, measure)
    touched = measure_rates(args.data)
    lengths = {length: microseconds_of(corpus_text(length)) for length in LENGTHS}
    report |= {
        "touched": [asdict(one) | {"percent": one.percent} for one in touched],
        "microseconds": lengths,
        "save": asdict(cost),
    }
    tables = [
        Table(
            ("texts", "number", "masked in", "percent", "us each"),
            [
                (one.what, *map("{:,}".format, (one.texts, one.masked, one.percent, one.us)))
                for one in touched
            ],
            left=1,
        ),
        Table(
            ("characters of a message", "us"),
            [(f"{length:,}", f"{taken:.0f}") for length, taken in lengths.items()],
            left=0,
        ),
        Table(
            ("saves", "ms with masking", "without", "ratio"),
            [(f"{cost.calls:,}", f"{cost.masked_ms}", f"{cost.plain_ms}", f"{cost.ratio}")],
            left=0,
        ),
    ]
    write_report(console, report, tables, args.json)
    return OK

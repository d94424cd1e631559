"""`python -m benchmarks moving`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.moving import CITUS, Load, MoveMeasured, measure_moves
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import FAILED, OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb
from tests.support.engines import ENGINES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_LEGEND = (
    "rows: compared by the move; in pause: rows copied while writes were refused; acknowledged:"
    " memories saved meanwhile; lost: of all that was acknowledged so far; equal: checksums of"
    " memories and of vectors, searches by keywords and by vector."
)


@verb(
    "moving",
    argument(
        "--memories",
        type=positive,
        default=100_000,
        metavar="N",
        help="number of generated messages (default: %(default)s)",
    ),
    argument(
        "--clients",
        type=positive,
        default=4,
        metavar="N",
        help="number of clients that save continuously (default: %(default)s)",
    ),
    argument(
        "--questions",
        type=positive,
        default=100,
        metavar="N",
        help="number of memories to search for, by keywords and by vector (default: %(default)s)",
    ),
    argument(
        "--through",
        nargs="+",
        choices=(*ENGINES, CITUS),
        default=("17", CITUS),
        metavar="ENGINE",
        help="databases to move through, and back (default: 17 citus)",
    ),
    JSON_FILE,
    summary="measure moves between databases under writes, and compare the data",
    examples=("python -m benchmarks moving --memories 20000 --through 17",),
)
def moving(args: Namespace, console: Console) -> int:
    """Print the duration of moves through several databases, the pause of writes, and losses."""
    settings, report = begin_report(args)
    load = Load(args.memories, args.clients, args.questions)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[MoveMeasured]:
        return await measure_moves(place, load, args.through, advance)

    steps = load.memories + len(args.through) + 1
    found = measure_in_sandbox(settings, console, "moving", steps, measure)
    report |= load._asdict() | {"moving": [asdict(one) for one in found]}
    write_report(console, report, [_table(found)], args.json)
    return FAILED if any(_is_wrong(one) for one in found) else OK


def _is_wrong(one: MoveMeasured) -> bool:
    return not one.skipped and bool(
        one.lost or one.equal < one.checksums or one.equal_answers < one.answers
    )


def _table(found: Sequence[MoveMeasured]) -> Table:
    head = ("move", "took", "writes refused", "rows", "in pause", "acknowledged", "lost", "equal")
    rows = [
        (f"to {one.target}", "skipped:", one.skipped, "", "", "", "", "")
        if one.skipped
        else (
            f"{one.source} to {one.target}",
            f"{one.took_s:.0f} s",
            f"{one.paused_s:.2f} s",
            f"{one.rows:,}",
            f"{one.rows_in_pause:,}",
            f"{one.acknowledged:,}",
            f"{one.lost}",
            f"{one.equal} of {one.checksums}, {one.equal_answers} of {one.answers}",
        )
        for one in found
    ]
    return Table(head, rows, left=1, legend=_LEGEND)

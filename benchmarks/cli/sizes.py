"""`python -m benchmarks sizes`: the cost of memories, calculated from measured constants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.sizes import SIZES, rows_of, with_tables
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console

PAGES = {"en": "docs/scale.md", "zh": "docs/zh/scale.md"}
_ROOT = Path(__file__).parents[2]
_LEGEND = "**bold**: measured at this size; all other values are calculated (sizes.toml)."


@verb(
    "sizes",
    argument(
        "--memories",
        type=positive,
        nargs="+",
        default=SIZES,
        metavar="N",
        help="numbers of memories (default: 1000 to 100000000)",
    ),
    argument(
        "--space",
        type=positive,
        metavar="N",
        help="number of memories in each space (default: all are in one)",
    ),
    argument("--write", action="store_true", help="update the tables in docs/scale.md instead"),
    summary="calculate the resources that a number of memories needs",
    examples=("python -m benchmarks sizes --memories 250000", "python -m benchmarks sizes --write"),
)
def sizes(args: Namespace, console: Console) -> int:
    """Print disk, memory, processor time and WAL for numbers of memories, or update the docs."""
    if args.write:
        for language, name in PAGES.items():
            page = _ROOT / name
            page.write_text(with_tables(page.read_text(encoding="utf-8"), language), "utf-8")
        return OK
    heading = ["memories", *(f"{size:,}" for size in args.memories)]
    rows = list(rows_of(args.memories, args.space, "en"))
    Table(heading, rows, legend=_LEGEND).write(console)
    return OK

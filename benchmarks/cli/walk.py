"""`python -m benchmarks walk`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.walk import CALLS, WAYS, Walks, measure_walks
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.terminal.table import Table
from sage.cli.verb import verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console

_LEGEND = "Modules of Sage only, over MCP without a network; --json lists them."


@verb(
    "walk",
    JSON_FILE,
    summary="count the modules and packages that a call passes through",
    examples=("python -m benchmarks walk --json walk.json",),
)
def walk(args: Namespace, console: Console) -> int:
    """Print the number of modules and packages that a call passes through, and the middleware."""
    settings, report = begin_report(args)
    steps = len(CALLS) * len(WAYS)
    walks = measure_in_sandbox(settings, console, "walk", steps, measure_walks)
    write_report(
        console, report | {"walk": asdict(walks)}, [_table(walks), _guards(walks)], args.json
    )
    return OK


def _table(walks: Walks) -> Table:
    rows = [
        (one.call, one.way, f"{len(one.modules)}", f"{len(one.packages)}", f"{one.calls:,}")
        for one in walks.walks
    ]
    heading = ("call", "way", "modules", "packages", "Python calls")
    return Table(heading, rows, left=2, legend=_LEGEND)


def _guards(walks: Walks) -> Table:
    rows = [(f"{number}", guard) for number, guard in enumerate(walks.guards, 1)]
    return Table(("", "middleware"), rows, left=2)

"""`python -m benchmarks why-not`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.whynot.measure import LANGUAGES, PLAN, measure_why_not, steps_of
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.conversations import read_sets
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from benchmarks.whynot.measure import WhyNot
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_OBLIQUE = Path(__file__).parents[1] / "labels" / "oblique.json"
_LEGEND = (
    "right: the verdict is correct, and so are the rank, filters or ids that belong to it. in "
    "passing: all questions whose answer is at rank 6 to 50 of a search."
)


@verb(
    "why-not",
    argument(
        "--data", nargs="+", required=True, metavar="FILE", help="file written by benchmarks.mixed"
    ),
    JSON_FILE,
    summary="measure whether Sage explains correctly why an answer was not found",
    examples=("python -m benchmarks why-not --data mixed.json",),
)
def why_not(args: Namespace, console: Console) -> int:
    """Print how often the correct reason is stated why an answer was not among five."""
    settings, report = begin_report(args)
    sets = read_sets([*map(Path, args.data), _OBLIQUE])

    async def measure(place: Settings, advance: Callable[[int], None]) -> WhyNot:
        return await measure_why_not(place, sets, advance)

    found = measure_in_sandbox(settings, console, "why-not", steps_of(sets), measure)
    report |= {"why_not": asdict(found), "right": sum(one.is_right for one in found.cases)}
    write_report(console, report, [_table(found)], args.json)
    return OK


def _table(found: WhyNot) -> Table:
    rows = []
    for cause in PLAN:
        cases = [one for one in found.cases if one.cause == cause]
        counts = [sum(one.language == language for one in cases) for language in LANGUAGES]
        rows.append((cause, *map(str, counts), str(sum(one.is_right for one in cases))))
    rows.append(("all", "", str(len(found.cases)), str(sum(it.is_right for it in found.cases))))
    missed = found.missed
    rows.append(("in passing", "", str(missed.missed), str(missed.placed_right)))
    return Table(("why", *LANGUAGES, "right"), rows, legend=_LEGEND)

"""`python -m benchmarks backup`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.backup import BackupMeasured, measure_backup
from benchmarks.report import backup_table
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


@verb(
    "backup",
    argument(
        "--memories",
        type=positive,
        default=40_000,
        metavar="N",
        help="number of generated messages (default: %(default)s)",
    ),
    argument(
        "--questions",
        type=positive,
        default=50,
        metavar="N",
        help="number of questions asked before and afterwards (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure a backup and its restore, and compare search results",
    examples=("python -m benchmarks backup --memories 40000",),
)
def backup(args: Namespace, console: Console) -> int:
    """Print the duration of a backup and its restore, and how many answers are unchanged."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> BackupMeasured:
        return await measure_backup(place, args.memories, args.questions, advance)

    steps = args.memories + 2 * args.questions
    found = measure_in_sandbox(settings, console, "backup", steps, measure)
    write_report(console, report | {"backup": asdict(found)}, [backup_table(found)], args.json)
    return OK

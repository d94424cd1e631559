"""`python -m benchmarks import`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.importing import ImportMeasured, measure_import
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb
from sage.domain.text.wording import size_text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


@verb(
    "import",
    argument(
        "--messages",
        type=positive,
        default=20_000,
        metavar="N",
        help="number of generated messages to import (default: %(default)s)",
    ),
    argument(
        "--padding",
        type=int,
        default=0,
        metavar="CHARS",
        help="length of the text in each conversation that is skipped (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the speed and memory of an import",
    examples=(
        "python -m benchmarks import --messages 100000",
        "python -m benchmarks import --messages 100000 --padding 2000000",
    ),
)
def import_(args: Namespace, console: Console) -> int:
    """Print the throughput of an import, relative to a COPY, and its peak memory."""
    settings, report = begin_report(args)

    async def measure(place: Settings, advance: Callable[[int], None]) -> ImportMeasured:
        return await measure_import(place, args.messages, args.padding, advance)

    found = measure_in_sandbox(settings, console, "import", 3 * args.messages, measure)
    report["import"] = asdict(found) | {"per_second": found.per_second, "ratio": found.ratio}
    table = Table(
        ("messages", "file", "s", "per second", "again s", "COPY s", "ratio", "memory", "found"),
        [
            (
                f"{found.messages:,}",
                size_text(found.file_bytes),
                f"{found.seconds:.1f}",
                f"{found.per_second:,}",
                f"{found.again_s:.1f}",
                f"{found.copy_s:.2f}",
                f"{found.ratio:.3f}",
                size_text(found.peak_bytes),
                f"{found.found} of {found.asked}",
            )
        ],
        left=0,
    )
    write_report(console, report, [table], args.json)
    return OK

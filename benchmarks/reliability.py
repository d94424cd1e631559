"""The documentation page about faults, and the table of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.terminal.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.fault_rows import Row

_TEMPLATE = Path(__file__).with_suffix(".md")
_FAULT_THAT_ENDS_SAGE = "F1"
_HEADING = ("fault", "cause", "trials", "acknowledged", "lost", "recovery s")
_LEGEND = "recovery: the longest time without an acknowledgement after the cause had ended."


def faults_table(rows: Sequence[Row]) -> Table:
    """Build a table of acknowledged and lost saves."""
    cells = [(row.fault, row.what, *_numbers(row).values()) for row in rows]
    return Table(_HEADING, cells, left=2, legend=_LEGEND)


def reliability_page(
    rows: Sequence[Row], versions: Mapping[str, object], wanted: int, lasts_s: float
) -> str:
    """Return the page in Markdown; its summary says if fewer than `wanted` were acknowledged."""
    acknowledged = sum(row.acknowledged for row in rows)
    recoveries = [
        row.recovery_s
        for row in rows
        if row.recovery_s is not None and row.fault != _FAULT_THAT_ENDS_SAGE
    ]
    summary = (
        f"**{acknowledged:,} acknowledged saves, {sum(row.lost for row in rows)} lost**, over"
        f" {sum(row.trials for row in rows)} trials."
    )
    if acknowledged < wanted:
        summary += f" The target is {wanted:,}: this run is too short."
    if recoveries:
        summary += f" Sage recovered without a restart in {max(recoveries):.1f} s or less."
    table = (
        f"| {row.fault} | {row.what} | {' | '.join(_numbers(row).values())} | {row.found}"
        f" | {row.control} |"
        for row in rows
    )
    return _TEMPLATE.read_text(encoding="utf-8").format(
        summary=summary,
        machine="Measured on " + ", ".join(f"{name} {one}" for name, one in versions.items()) + ".",
        rows="\n".join(table),
        lasts_s=lasts_s,
    )


def _numbers(row: Row) -> Mapping[str, str]:
    return {
        "trials": str(row.trials),
        "acknowledged": f"{row.acknowledged:,}" if row.acknowledged else "",
        "lost": str(row.lost) if row.acknowledged else "",
        "recovery": "" if row.recovery_s is None else f"{row.recovery_s:.1f}",
    }

"""Tables for people, one JSON object for machines, and where it was measured."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.errors import SageError
from sage.terminal.output import Style, columns, size_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.cli.benchmark.latency import SizeLatency
    from sage.cli.benchmark.quality import Score, SetQuality
    from sage.cli.benchmark.recall import SpaceRecall
    from sage.terminal.output import Console

TO_STDOUT = "-"


def machine() -> dict[str, object]:
    """Begin a report with what was measured on; the load says whether the machine was quiet."""
    return {
        "machine": {
            "sage": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "processors": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 2),
        }
    }


def as_json(
    measured: Sequence[SetQuality] | Sequence[SizeLatency] | Sequence[SpaceRecall],
) -> list[dict[str, object]]:
    """Return measurements as JSON takes them."""
    return [asdict(one) for one in measured]


def write_report(
    console: Console, report: Mapping[str, object], tables: Sequence[str], to: str
) -> None:
    """Print the tables; or the JSON, where `to` says standard output; or both, with a file.

    Raises SageError when the file cannot be written.
    """
    if to == TO_STDOUT:
        console.write_json(report)
        return
    for table in tables:
        console.write(table)
    if to:
        text = json.dumps(report, ensure_ascii=False, indent=2)
        try:
            Path(to).write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise SageError(f"{to} cannot be written: {error.strerror}") from error


def quality_tables(console: Console, sets: Sequence[SetQuality]) -> list[str]:
    """Write a table of what was found, and one of what each signal is worth where it was asked."""
    rows = []
    for one in sets:
        rows.append((one.name, "all", *_scored(one.total)))
        rows += [("", category, *_scored(score)) for category, score in one.by_category.items()]
    tables = [table(console, ("set", "questions", "count", "recall@5", "recall@10", "MRR"), rows)]
    if any(one.in_context for one in sets):
        tables.append(_context_table(console, sets))
    if any(one.without for one in sets):
        tables.append(_ablation_table(console, sets))
    return tables


def latency_tables(console: Console, sizes: Sequence[SizeLatency], clients: int) -> list[str]:
    """Write tables of single calls beside floors, of saves under a strain, of many clients."""
    first = sizes[0].compared
    rows = [
        (
            f"{one.memories:,}",
            name,
            f"{compared.call.p50_ms:.1f}",
            f"{compared.call.p95_ms:.1f}",
            f"{compared.floor.p50_ms:.1f}",
            f"{compared.p50_ratio:.2f}",
            f"{compared.p95_ratio:.2f}",
            f"{compared.call.p50_ms / first[name].call.p50_ms:.2f}",
        )
        for one in sizes
        for name, compared in one.compared.items()
    ]
    heading = ("memories", "call", "p50 ms", "p95 ms", "floor p50", "ratio p50", "p95", "growth")
    strains = [
        (
            f"{one.memories:,}",
            strain,
            f"{strained.call.p50_ms:.1f}",
            f"{strained.call.p95_ms:.1f}",
            f"{strained.p50_ratio:.2f}",
            f"{strained.p95_ratio:.2f}",
        )
        for one in sizes
        for strain, strained in one.strained_saves.items()
    ]
    under = ("memories", "save, while", "p50 ms", "p95 ms", "to alone p50", "p95")
    many = [
        (
            f"{one.memories:,}",
            f"{one.searches_per_s:.0f}",
            f"{one.saves_per_s:.0f}",
            size_text(one.resident_bytes),
        )
        for one in sizes
    ]
    crowd = ("memories", f"searches/s, {clients} clients", "saves/s", "memory of Sage")
    return [
        table(console, heading, rows),
        table(console, under, strains),
        table(console, crowd, many, left=1),
    ]


def recall_table(console: Console, spaces: Sequence[SpaceRecall]) -> str:
    """Write what searching by vectors finds of the nearest, and its time beside comparing all."""
    rows = [
        (
            one.space,
            one.filtered_by,
            f"{one.vectors:,}",
            "index" if one.by_index else "all",
            f"{one.recall_at_10:.3f}",
            f"{one.recall_at_100:.3f}",
            f"{one.p50_ms:.1f}",
            f"{one.exact_ms:.1f}",
            f"{one.p50_ms / one.exact_ms:.2f}",
        )
        for one in spaces
    ]
    heading = ("space", "filtered by", "vectors", "reads", "recall@10", "recall@100", "p50 ms")
    return table(console, (*heading, "exact", "ratio"), rows)


def table(
    console: Console, heading: Sequence[str], rows: Sequence[Sequence[str]], left: int = 2
) -> str:
    """Align columns: the first `left` to the left, numbers to the right."""
    widths = [max(columns(row[at]) for row in (heading, *rows)) for at in range(len(heading))]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(
            cell + " " * (width - columns(cell))
            if at < left
            else " " * (width - columns(cell)) + cell
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ).rstrip()

    return "\n".join((console.paint(line(heading), Style.BOLD), *map(line, rows), ""))


def _scored(score: Score) -> tuple[str, ...]:
    shares = (score.recall_at_5, score.recall_at_10, score.mrr)
    return (str(score.questions), *(f"{share:.3f}" for share in shares))


def _context_table(console: Console, sets: Sequence[SetQuality]) -> str:
    """Write the share of the evidence that stands in a context of so many tokens."""
    heading = ("evidence in", *(f"{window:,} tokens" for window in sets[0].in_context))
    rows = [(one.name, *(f"{share:.3f}" for share in one.in_context.values())) for one in sets]
    return table(console, heading, rows, left=1)


def _ablation_table(console: Console, sets: Sequence[SetQuality]) -> str:
    """Write the recall lost, in points of a hundred, when a signal is left out."""
    heading = ["without"]
    for one in sets:
        heading += [f"{one.name} @5", "@10"]
    rows = [
        [
            signal,
            *(
                f"{100 * change:+.1f}"
                for one in sets
                for change in (
                    one.without[signal].recall_at_5 - one.total.recall_at_5,
                    one.without[signal].recall_at_10 - one.total.recall_at_10,
                )
            ),
        ]
        for signal in sets[0].without
    ]
    return table(console, heading, rows, left=1)

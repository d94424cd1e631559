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
from sage.terminal.table import Table
from sage.terminal.text import size_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.cli.benchmark.latency import SizeLatency
    from sage.cli.benchmark.quality import Score, SetQuality
    from sage.cli.benchmark.recall import SpaceRecall
    from sage.terminal.console import Console

TO_STDOUT = "-"

_QUALITY = (
    "recall@5, recall@10: share of the answering messages among the first 5, 10 hits; MRR: mean of"
    " 1 / rank of the first of them. 1 is best."
)
_LATENCY = (
    "p50, p95: half of the calls, 95 of 100 take no longer; floor: the least that such a call can"
    " take here; ratio: call to floor; growth: p50 to that of the first size."
)
_RECALL = (
    "recall@10, recall@100: share of the nearest vectors that is found; exact: time of comparing"
    " with all; ratio: search to that."
)


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
    console: Console, report: Mapping[str, object], tables: Sequence[Table], to: str
) -> None:
    """Print the tables; or the JSON, where `to` says standard output; or both, with a file.

    Raises SageError when the file cannot be written.
    """
    if to == TO_STDOUT:
        console.write_json(report)
        return
    for table in tables:
        table.write(console)
    if to:
        text = json.dumps(report, ensure_ascii=False, indent=2)
        try:
            Path(to).write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            raise SageError(f"{to} cannot be written: {error.strerror}") from error


def quality_tables(sets: Sequence[SetQuality]) -> list[Table]:
    """Write a table of what was found, and one of what each signal is worth where it was asked."""
    rows = []
    for one in sets:
        rows.append((one.name, "all", *_scored(one.total)))
        rows += [("", category, *_scored(score)) for category, score in one.by_category.items()]
    tables = [
        Table(
            ("set", "questions", "count", "recall@5", "recall@10", "MRR"),
            rows,
            left=2,
            legend=_QUALITY,
        )
    ]
    if any(one.in_context for one in sets):
        tables.append(_context_table(sets))
    if any(one.without for one in sets):
        tables.append(_ablation_table(sets))
    return tables


def latency_tables(sizes: Sequence[SizeLatency], clients: int) -> list[Table]:
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
        Table(heading, rows, left=2, legend=_LATENCY),
        Table(under, strains, left=2),
        Table(crowd, many, left=1),
    ]


def recall_table(spaces: Sequence[SpaceRecall]) -> Table:
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
    return Table((*heading, "exact", "ratio"), rows, left=2, legend=_RECALL)


def _scored(score: Score) -> tuple[str, ...]:
    shares = (score.recall_at_5, score.recall_at_10, score.mrr)
    return (str(score.questions), *(f"{share:.3f}" for share in shares))


def _context_table(sets: Sequence[SetQuality]) -> Table:
    """Write the share of the evidence that stands in a context of so many tokens."""
    heading = ("evidence in", *(f"{window:,} tokens" for window in sets[0].in_context))
    rows = [(one.name, *(f"{share:.3f}" for share in one.in_context.values())) for one in sets]
    return Table(heading, rows, left=1)


def _ablation_table(sets: Sequence[SetQuality]) -> Table:
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
    return Table(heading, rows, left=1)

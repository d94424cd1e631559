"""The output of a benchmark: tables, or a JSON object that describes the machine as well."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.cli.terminal.table import Table
from sage.errors import InvalidInputError, SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.cli.benchmark.abstention import Abstention
    from sage.cli.benchmark.quality import Score, SetQuality
    from sage.cli.benchmark.timing import Spread
    from sage.cli.terminal.console import Console

TO_STDOUT = "-"

_QUALITY = (
    "recall@5, recall@10: share of the answering messages among the first 5, 10 results; MRR: "
    "mean of 1 / rank of the first of them. 1 is best."
)
_ABSTENTION = (
    "none: share of the questions whose relevance is none; 1 is best for those without an answer,"
    " 0 for those with one."
)
_LATENCY = "p50, p95: half of the calls, 95 of 100 take no longer."


def machine() -> dict[str, object]:
    """Return the beginning of a report: versions, platform, processors and load average."""
    return {
        "machine": {
            "sage": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "processors": os.cpu_count(),
            "load_before": round(os.getloadavg()[0], 2),
        }
    }


def check_writable(option: str, to: str) -> None:
    """Raise InvalidInputError if the file `to`, the value of an option, cannot be written."""
    if not to or to == TO_STDOUT:
        return
    file = Path(to)
    new = not file.exists()
    try:
        file.open("a", encoding="utf-8").close()
    except OSError as error:
        raise InvalidInputError(
            option,
            phrase("{field}: {file} cannot be written: {reason}", file=file, reason=error.strerror),
            hint="choose a file in a writable directory that exists",
        ) from error
    if new:
        file.unlink()


def write_report(
    console: Console, report: Mapping[str, object], tables: Sequence[Table], to: str
) -> None:
    """Print the tables, and write the JSON report to the file `to`, if any.

    If `to` is "-", print only the JSON. Raises SageError if the file cannot be written.
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
            raise SageError(
                phrase("{to} cannot be written: {reason}", to=to, reason=error.strerror)
            ) from error


def quality_tables(sets: Sequence[SetQuality]) -> list[Table]:
    """Build tables of retrieval quality, of contexts if measured, and of abstention."""
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
    return tables + abstention_tables({one.name: one.abstention for one in sets})


def abstention_tables(measured: Mapping[str, Abstention | None]) -> list[Table]:
    """Build a table of abstention, or none without unanswerable questions."""
    rows = [
        (
            name,
            str(one.unanswerable),
            f"{one.unanswerable_none:.3f}",
            str(one.answerable),
            f"{one.answerable_none:.3f}",
        )
        for name, one in measured.items()
        if one is not None
    ]
    heading = ("abstention", "unanswerable", "none", "answerable", "none")
    return [Table(heading, rows, left=1, legend=_ABSTENTION)] if rows else []


def latency_table(spreads: Mapping[str, Spread]) -> Table:
    """Build a table of latencies."""
    rows = [
        (name, str(one.calls), f"{one.best_ms:.1f}", f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}")
        for name, one in spreads.items()
    ]
    return Table(("call", "count", "best ms", "p50 ms", "p95 ms"), rows, legend=_LATENCY)


def _scored(score: Score) -> tuple[str, ...]:
    shares = (score.recall_at_5, score.recall_at_10, score.mrr)
    return (str(score.questions), *(f"{share:.3f}" for share in shares))


def _context_table(sets: Sequence[SetQuality]) -> Table:
    """Build a table of the share of the evidence in contexts, by token limit."""
    heading = (
        "evidence in",
        *(phrase("{tokens:,} tokens", tokens=window) for window in sets[0].in_context),
    )
    rows = [(one.name, *(f"{share:.3f}" for share in one.in_context.values())) for one in sets]
    return Table(heading, rows, left=1)

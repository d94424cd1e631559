"""Tables for people, one JSON object for machines, and where it was measured."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from sage import __version__
from sage.cli.terminal.table import Table
from sage.errors import InvalidInputError, SageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sage.cli.benchmark.longmemeval_recall import LongMemEvalQuality, RankingScore
    from sage.cli.benchmark.quality import Score, SetQuality
    from sage.cli.benchmark.timing import Spread
    from sage.cli.terminal.console import Console

TO_STDOUT = "-"

_QUALITY = (
    "recall@5, recall@10: share of the answering messages among the first 5, 10 hits; MRR: mean of"
    " 1 / rank of the first of them. 1 is best."
)
_LONGMEMEVAL = (
    "any@k, all@k: share of the questions of which one, all of the answering turns or sessions are"
    " among the first k."
)
_ABSTENTION = (
    "none: share of the questions whose relevance is none; 1 is best for those without an answer,"
    " 0 for those with one."
)
_LATENCY = "p50, p95: half of the calls, 95 of 100 take no longer."


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


def refuse_unwritable(option: str, to: str) -> None:
    """Raise InvalidInputError where no report could be written to the file `to` of an option."""
    if not to or to == TO_STDOUT:
        return
    file = Path(to)
    new = not file.exists()
    try:
        file.open("a", encoding="utf-8").close()
    except OSError as error:
        raise InvalidInputError(
            option,
            f"{file} cannot be written: {error.strerror}",
            hint="name a file in a directory that exists and can be written to",
        ) from error
    if new:
        file.unlink()


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
    """Build a table of what was found, and one of contexts where they were asked for."""
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
    return tables + _abstention_tables(sets)


def longmemeval_tables(files: Sequence[LongMemEvalQuality]) -> list[Table]:
    """Build a table of the turns that were found, and one of the sessions."""
    heading = ("questions", "count", "any@5", "all@5", "any@10", "all@10", "nDCG@10")
    tables = [
        Table(
            (unit, *heading),
            [
                ((one.name if category == "all" else ""), category, *_ranked(score))
                for one in files
                for category, score in getattr(one, unit).items()
            ],
            left=2,
            legend=_LONGMEMEVAL,
        )
        for unit in ("turns", "sessions")
    ]
    return tables + _abstention_tables(files)


def latency_table(spreads: Mapping[str, Spread]) -> Table:
    """Build a table of how long calls take."""
    rows = [
        (name, str(one.calls), f"{one.best_ms:.1f}", f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}")
        for name, one in spreads.items()
    ]
    return Table(("call", "count", "best ms", "p50 ms", "p95 ms"), rows, legend=_LATENCY)


def _scored(score: Score) -> tuple[str, ...]:
    shares = (score.recall_at_5, score.recall_at_10, score.mrr)
    return (str(score.questions), *(f"{share:.3f}" for share in shares))


def _ranked(score: RankingScore) -> tuple[str, ...]:
    questions, *shares = astuple(score)
    return (str(questions), *(f"{share:.3f}" for share in shares))


def _abstention_tables(measured: Sequence[SetQuality | LongMemEvalQuality]) -> list[Table]:
    """Build a table of questions for which nothing relevant was found, if some have no answer."""
    rows = [
        (
            one.name,
            str(one.abstention.unanswerable),
            f"{one.abstention.unanswerable_none:.3f}",
            str(one.abstention.answerable),
            f"{one.abstention.answerable_none:.3f}",
        )
        for one in measured
        if one.abstention is not None
    ]
    heading = ("abstention", "unanswerable", "none", "answerable", "none")
    return [Table(heading, rows, left=1, legend=_ABSTENTION)] if rows else []


def _context_table(sets: Sequence[SetQuality]) -> Table:
    """Write the share of the evidence that stands in a context of so many tokens."""
    heading = ("evidence in", *(f"{window:,} tokens" for window in sets[0].in_context))
    rows = [(one.name, *(f"{share:.3f}" for share in one.in_context.values())) for one in sets]
    return Table(heading, rows, left=1)

"""`python -m benchmarks longmemeval`."""

from __future__ import annotations

import sys
from dataclasses import asdict, astuple
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.longmemeval.measure import measure_longmemeval
from benchmarks.longmemeval.reading import count_questions, read_questions
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import abstention_tables, write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from benchmarks.longmemeval.measure import LongMemEvalQuality, RankingScore
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_LEGEND = (
    "any@k, all@k: share of the questions for which one, all of the answering turns or sessions "
    "are among the first k."
)


@verb(
    "longmemeval",
    argument(
        "--data", nargs="+", required=True, metavar="FILE", help="files as published by the authors"
    ),
    argument(
        "--questions", type=positive, metavar="N", help="ask only the first N questions of each"
    ),
    JSON_FILE,
    summary="measure retrieval quality on LongMemEval",
    examples=("python -m benchmarks longmemeval --data longmemeval_s.json --questions 50",),
)
def longmemeval(args: Namespace, console: Console) -> int:
    """Print the retrieval quality on files of LongMemEval, by turn and by session."""
    settings, report = begin_report(args)
    found = [_measured(settings, console, Path(path), args.questions) for path in args.data]
    report |= {"longmemeval": [asdict(one) for one in found]}
    write_report(console, report, _tables(found), args.json)
    return OK


def _measured(
    settings: Settings, console: Console, path: Path, questions: int | None
) -> LongMemEvalQuality:
    async def measure(place: Settings, advance: Callable[[int], None]) -> LongMemEvalQuality:
        asked = read_questions(path, questions)
        return await measure_longmemeval(place, path.stem, asked, advance)

    steps = min(count_questions(path), questions or sys.maxsize)
    return measure_in_sandbox(settings, console, path.stem, steps, measure)


def _tables(files: Sequence[LongMemEvalQuality]) -> list[Table]:
    """Build tables of the retrieval of turns and of sessions."""
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
            legend=_LEGEND,
        )
        for unit in ("turns", "sessions")
    ]
    return tables + abstention_tables({one.name: one.abstention for one in files})


def _ranked(score: RankingScore) -> tuple[str, ...]:
    questions, *shares = astuple(score)
    return (str(questions), *(f"{share:.3f}" for share in shares))

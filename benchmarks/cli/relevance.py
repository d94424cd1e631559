"""`python -m benchmarks relevance`."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.relevance.asking import ask_all, steps_of
from benchmarks.relevance.fit import as_json, fitted_from, shipped
from benchmarks.relevance.measure import measured
from benchmarks.relevance.stores import stores_of
from benchmarks.report import relevance_tables
from sage.benchmark.report import write_report
from sage.benchmark.running import measure_apart
from sage.cli.bench import add_data_options, add_json_file, begin_report, sets_of
from sage.cli.failures import OK
from sage.cli.parsing import positive
from sage.providers.local import MODEL

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from benchmarks.relevance.asking import Answered
    from sage.cli.parsing import VerbParser
    from sage.config.settings import Settings
    from sage.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare what is asked, and what is kept."""
    parser.describe(
        relevance,
        examples=(
            "python -m benchmarks relevance --data locomo10.json memorybank-cn.json",
            "python -m benchmarks relevance --answers answers.pickle --fit coefficients.json",
            "python -m benchmarks relevance --answers answers.pickle --fit hits.json --hits-only",
        ),
    )
    add_data_options(parser)
    parser.add_argument(
        "--at-most",
        type=positive,
        metavar="N",
        help="ask each store only N questions of a kind, chosen at random (default: all)",
    )
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help="keep what was answered in FILE; if it is there, ask nothing and read it",
    )
    parser.add_argument(
        "--fit",
        metavar="FILE",
        help="fit the coefficients on what is not held out and write them to FILE",
    )
    parser.add_argument(
        "--hits-only",
        action="store_true",
        help="with --fit: keep the coefficients of the answer, fit those of the hits",
    )
    add_json_file(parser)


def relevance(args: Namespace, console: Console) -> int:
    """Print how many questions are rightly judged to have an answer or none."""
    settings, report = begin_report(args)
    answers = _answers(args, settings, console)
    if args.fit:
        kept = shipped().answer if args.hits_only else None
        fitted = fitted_from([one for one in answers if not one.store.held_out], kept)
        Path(args.fit).write_text(as_json(fitted, str(MODEL)), encoding="utf-8")
    found = measured(answers)
    write_report(console, report | {"relevance": asdict(found)}, relevance_tables(found), args.json)
    return OK


def _answers(args: Namespace, settings: Settings, console: Console) -> list[Answered]:
    """Read what was answered before, or ask."""
    kept = Path(args.answers) if args.answers else None
    if kept is not None and kept.exists():
        with kept.open("rb") as file:
            answers: list[Answered] = pickle.load(file)  # noqa: S301 - written by this command
        return answers
    stores = list(stores_of(sets_of(args), args.at_most))

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[Answered]:
        return await ask_all(place, stores, advance)

    answers = measure_apart(settings, console, "relevance", steps_of(stores), measure)
    if kept is not None:
        kept.write_bytes(pickle.dumps(answers))
    return answers

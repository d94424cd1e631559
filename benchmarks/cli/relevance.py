"""`python -m benchmarks relevance`."""

from __future__ import annotations

import pickle
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.filler import read_filler
from benchmarks.relevance.asking import ask_all, steps_of
from benchmarks.relevance.few_stores import FEW, few_stores
from benchmarks.relevance.fit import as_json, fitted_from, shipped, with_few
from benchmarks.relevance.large_stores import large_stores
from benchmarks.relevance.measure import measured
from benchmarks.relevance.stores import stores_of
from benchmarks.report import relevance_tables
from sage.cli.bench import DATA, JSON_FILE, begin_report, sets_of
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.verb import argument, verb
from sage.providers.local import MODEL

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from benchmarks.relevance.asking import Answered
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_MANY = 20


@verb(
    "relevance",
    *DATA,
    argument(
        "--filler",
        metavar="FILE",
        help="texts for stores of 10,000 memories, as written by `python -m benchmarks.filler` "
        "(default: no such stores)",
    ),
    argument(
        "--few",
        action="store_true",
        help="only ask in stores of a few memories; `--fit` then only changes their coefficients",
    ),
    argument(
        "--whole",
        action="store_true",
        help="ask all questions (default: the sample that the shipped coefficients are fitted on)",
    ),
    argument(
        "--answers",
        metavar="FILE",
        help="store search results in FILE; if it exists, read it instead of searching",
    ),
    argument(
        "--fit",
        metavar="FILE",
        help="fit the coefficients on data that is not held out, and write them to FILE",
    ),
    JSON_FILE,
    summary="measure the accuracy of the relevance, or fit its coefficients",
    examples=(
        "python -m benchmarks relevance --data locomo10.json --filler filler.json",
        "python -m benchmarks relevance --answers answers.pickle --fit coefficients.json",
    ),
)
def relevance(args: Namespace, console: Console) -> int:
    """Print how many questions are classified correctly."""
    settings, report = begin_report(args)
    answers = _answers(args, settings, console)
    if args.fit:
        taken = [one for one in answers if not one.store.held_out]
        fitted = with_few(shipped(), taken) if args.few else fitted_from(taken)
        Path(args.fit).write_text(as_json(fitted, str(MODEL)), encoding="utf-8")
    if args.few:
        return OK
    found = measured(answers)
    write_report(console, report | {"relevance": asdict(found)}, relevance_tables(found), args.json)
    return OK


def _answers(args: Namespace, settings: Settings, console: Console) -> list[Answered]:
    """Return the answers stored in a file, or ask the questions."""
    file_of_answers = Path(args.answers) if args.answers else None
    if file_of_answers is not None and file_of_answers.exists():
        with file_of_answers.open("rb") as file:
            answers: list[Answered] = pickle.load(file)  # noqa: S301 - written by this command
        return answers
    sets = sets_of(args)
    filler = read_filler(Path(args.filler)) if args.filler else ()
    stores = [*few_stores(), *stores_of(sets, whole=args.whole)]
    if args.few:
        stores = [one for one in stores if one.view == FEW or (one.messages or _MANY) < _MANY]
    else:
        stores += large_stores(sets, filler, whole=args.whole)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[Answered]:
        return await ask_all(place, stores, advance)

    answers = measure_in_sandbox(settings, console, "relevance", steps_of(stores), measure)
    if file_of_answers is not None:
        file_of_answers.write_bytes(pickle.dumps(answers))
    return answers

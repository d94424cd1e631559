"""`python -m benchmarks echoes`."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.echoes.measure import CELLS, TIMES, EchoPlan, Results, measure_echoes
from benchmarks.echoes.summary import summary_of
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from benchmarks.echoes.summary import Row, Summary
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_FOUND = (
    "without queries in the other language; first, in 3, in 5: share of the searches with the "
    "fact or its right answer; wrong 1st: a wrong answer is the first; echoes: mean number of "
    "questions and non-answers among five results; likely: mean probability of the best result "
    "that answers."
)
_VERDICTS = (
    "facts: share of the unanswered questions whose relevance is not higher than before they "
    "were asked; no answer: the same for questions that nothing answers; echoes: mean among the "
    "five results of the latter."
)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a list of numbers such as 500,10000") from None


@verb(
    "echoes",
    argument(
        "--memories",
        type=_numbers,
        default=EchoPlan().sizes,
        metavar="N,...",
        help="messages in the stores before any question (default: 500,10000)",
    ),
    argument(
        "--rounds",
        type=positive,
        default=1,
        metavar="N",
        help=f"number of rounds, each with other ways of asking and answering; {len(CELLS)} are all"
        " combinations (default: %(default)s)",
    ),
    argument(
        "--asked",
        type=_numbers,
        default=TIMES,
        metavar="N,...",
        help="search after so many repetitions, ascending from 0 (default: 0,1,3,10,30)",
    ),
    argument(
        "--facts", type=positive, metavar="N", help="store only the first N facts (default: all)"
    ),
    JSON_FILE,
    summary="measure retrieval of facts after the same question was asked many times",
    examples=(
        "python -m benchmarks echoes --memories 500",
        "python -m benchmarks echoes --rounds 6 --json echoes.json",
    ),
)
def echoes(args: Namespace, console: Console) -> int:
    """Print the retrieval of facts after the same question was asked many times."""
    settings, report = begin_report(args)
    plan = EchoPlan(args.memories, args.rounds, args.facts, args.asked)

    async def measure(place: Settings, advance: Callable[[int], None]) -> Results:
        return await measure_echoes(place, plan, advance)

    found = summary_of(measure_in_sandbox(settings, console, "echoes", plan.steps, measure))
    report |= {"facts": len(plan.stated_facts()), "echoes": asdict(found)}
    write_report(console, report, _tables(found), args.json)
    return OK


def _tables(found: Summary) -> list[Table]:
    verdicts = Table(
        ("verdicts", "asked", "facts", "no answer", "echoes"),
        [
            (
                f"{one.size:,} messages",
                str(one.times),
                f"{one.facts:.3f}",
                f"{one.unanswerable:.3f}",
                f"{one.unanswerable_echoes:.2f}",
            )
            for one in found.verdicts
        ],
        left=1,
        legend=_VERDICTS,
    )
    return [
        _table("total", found.total, _FOUND),
        _table("by reply", found.by_reply),
        _table("by query", found.by_way),
        _table("by language", found.by_language),
        _table("near misses", found.near_misses),
        verdicts,
    ]


def _table(name: str, rows: Sequence[Row], legend: str = "") -> Table:
    heading = ("searches", "first", "in 3", "in 5", "wrong 1st", "echoes", "likely")
    return Table(
        (name, "messages", "asked", *heading),
        [
            (
                one.asked,
                f"{one.size:,}",
                str(one.times),
                f"{one.searches:,}",
                *(
                    f"{share:.3f}"
                    for share in (one.first, one.among_three, one.shown, one.wrong_first)
                ),
                f"{one.echoes:.2f}",
                f"{one.likelihood:.2f}",
            )
            for one in rows
        ],
        left=1,
        legend=legend,
    )

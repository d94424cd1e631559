"""`sage bench`."""

from __future__ import annotations

from argparse import SUPPRESS
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import settings_of
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Mapping

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.cli.benchmark.timing import Spread
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings


JSON_FILE = argument(
    "--json",
    nargs="?",
    const="-",
    default=SUPPRESS,
    metavar="FILE",
    help="write the result as JSON to FILE; without FILE, instead of the table",
)

LANGUAGE = argument(
    "--language",
    choices=("en", "zh", "both"),
    default="both",
    help="language of the people: en, zh or both (default: %(default)s)",
)

DATA = (
    argument(
        "--data",
        nargs="+",
        metavar="FILE",
        help="conversations in the format of LoCoMo (default: three small built-in sets)",
    ),
    argument("--no-names", action="store_true", help="omit the speakers' names"),
    argument("--merged", action="store_true", help="search all conversations of a file at once"),
)
"""Conversations, and how they are stored and queried."""

_EXAMPLES = ("sage bench quick", "sage bench quick --json bench.json")


@verb("bench", examples=_EXAMPLES)
@verb(
    "bench quick",
    JSON_FILE,
    summary="measure retrieval quality and speed in about a minute",
    examples=_EXAMPLES,
)
def quick(args: Namespace, console: Console) -> int:
    """Print a short measurement of both quality and latency."""
    from sage.cli.benchmark.conversations import own_sets
    from sage.cli.benchmark.latency import latency_steps, measure_latency
    from sage.cli.benchmark.measuring import measure_sets
    from sage.cli.benchmark.quality import QualityPlan
    from sage.cli.benchmark.report import TO_STDOUT, latency_table, quality_tables, write_report
    from sage.cli.benchmark.running import measure_in_sandbox

    settings, report = begin_report(args)
    sets = own_sets()
    found = measure_sets(settings, console, sets, QualityPlan())
    if args.json != TO_STDOUT:  # now: who gives up on what follows keeps what is measured
        for table in quality_tables(found):
            table.write(console)
        console.flush()

    async def time_calls(place: Settings, advance: Callable[[int], None]) -> Mapping[str, Spread]:
        return await measure_latency(place, sets, advance)

    spreads = measure_in_sandbox(settings, console, "latency", latency_steps(sets), time_calls)
    report |= {"quality": [asdict(one) for one in found]}
    report |= {"latency": {name: asdict(one) for name, one in spreads.items()}}
    write_report(console, report, [latency_table(spreads)], args.json)
    return OK


@verb(
    "bench quality",
    *DATA,
    argument(
        "--context",
        action="store_true",
        help="also measure how much of the evidence contexts contain",
    ),
    JSON_FILE,
    summary="measure how many of the relevant messages are found",
    examples=(
        "sage bench quality",
        "sage bench quality --data locomo10.json --context",
    ),
)
def quality(args: Namespace, console: Console) -> int:
    """Print how many of the answers to questions are found."""
    from sage.cli.benchmark.measuring import measure_sets
    from sage.cli.benchmark.quality import QualityPlan
    from sage.cli.benchmark.report import quality_tables, write_report

    settings, report = begin_report(args)
    plan = QualityPlan(merged=args.merged, context=args.context)
    found = measure_sets(settings, console, sets_of(args), plan)
    report |= {"names": not args.no_names, "merged": args.merged}
    report |= {"quality": [asdict(one) for one in found]}
    write_report(console, report, quality_tables(found), args.json)
    return OK


@verb(
    "bench agents",
    LANGUAGE,
    argument("--missed", action="store_true", help="also list what was stored but not recalled"),
    JSON_FILE,
    summary="measure what hooks recall in sessions of AI clients",
    examples=("sage bench agents", "sage bench agents --language zh"),
)
def agents(args: Namespace, console: Console) -> int:
    """Print what hooks recall in two weeks of sessions, and how much of it is relevant."""
    from sage.cli.benchmark.agents.measure import measure_stories
    from sage.cli.benchmark.agents.script import own_stories
    from sage.cli.benchmark.agents.tables import agents_tables, missed_table
    from sage.cli.benchmark.report import write_report

    settings, report = begin_report(args)
    stories = [one for one in own_stories() if args.language in {"both", *one.people.values()}]
    found = measure_stories(settings, console, stories, {1})
    report |= {"agents": [asdict(one) for one in found]}
    tables = agents_tables(found)
    write_report(
        console, report, [*tables, missed_table(found)] if args.missed else tables, args.json
    )
    return OK


def begin_report(args: Namespace) -> tuple[Settings, dict[str, object]]:
    """Begin a report; raise now for an output file that could not be written at the end."""
    from sage.cli.benchmark.report import check_writable, machine

    check_writable("--json", args.json)
    return settings_of(args), machine()


def sets_of(args: Namespace) -> tuple[ConversationSet, ...]:
    """Read the sets named on the command line, or Sage's own. Raises InvalidInputError."""
    from sage.cli.benchmark.conversations import read_sets

    sets = read_sets([Path(path) for path in args.data or ()])
    return tuple(one.without_names() for one in sets) if args.no_names else sets

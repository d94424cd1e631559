"""Run a benchmark in a checkout, for example `python -m benchmarks latency`."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.ablation import ablation_steps, measure_ablation
from benchmarks.cli import (
    access_checks,
    agents,
    backup,
    costs,
    echoes,
    hooks,
    importing,
    longmemeval,
    masking,
    moving,
    pages,
    prompt_cache,
    relevance,
    scale,
    search_cost,
    sizes,
    token_cost,
    verbs,
    walk,
    whynot,
)
from benchmarks.fault_rows import Plan as FaultPlan
from benchmarks.faults import measure_faults, versions
from benchmarks.latency import Plan, measure_latency
from benchmarks.recall import RecallPlan, measure_recall
from benchmarks.reliability import faults_table, reliability_page
from benchmarks.report import ablation_table, latency_tables, recall_table
from sage.cli.bench import DATA, JSON_FILE, begin_report, sets_of
from sage.cli.benchmark.quality import QualityPlan
from sage.cli.benchmark.report import write_report
from sage.cli.benchmark.running import measure_in_sandbox
from sage.cli.failures import FAILED, OK
from sage.cli.main import main
from sage.cli.parsing import VerbParser
from sage.cli.terminal.progress import Progress
from sage.cli.verb import argument, verb, verbs_in
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from benchmarks.ablation import Ablation
    from benchmarks.latency import SizeLatency
    from benchmarks.recall import SpaceRecall
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings

_CALLS = 100
_SECONDS = 5.0
_MAX_CLIENTS = 64
_OUTAGE_S = 10.0
_WAITING = 100_000
_MODULES = (
    longmemeval,
    relevance,
    costs,
    search_cost,
    scale,
    backup,
    moving,
    importing,
    agents,
    echoes,
    access_checks,
    token_cost,
    hooks,
    verbs,
    walk,
    prompt_cache,
    pages,
    whynot,
    masking,
    sizes,
)
"""Modules with verbs, in the order of the help."""


def build_parser() -> VerbParser:
    """Build the parser of `python -m benchmarks`."""
    parser = VerbParser(
        prog="python -m benchmarks",
        description="Benchmarks for developers of Sage, in a temporary database.",
    )
    parser.set_defaults(run=None, parser=parser, json=False)
    parser.add_global_options(None)
    for module in (sys.modules[__name__], *_MODULES):
        parser.add_verbs(verbs_in(module))
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a list of numbers such as 1000,10000") from None


def _at_least_one(option: str, value: int) -> None:
    if value < 1:
        raise InvalidInputError(
            option, phrase("{field} contains {value}", value=value), hint="1 or more"
        )


@verb(
    "latency",
    argument(
        "--memories",
        type=_numbers,
        default=(1_000, 10_000),
        metavar="N,...",
        help="numbers of memories to measure (default: 1000,10000; a million takes an hour)",
    ),
    argument(
        "--clients",
        type=int,
        default=16,
        metavar="N",
        help="number of concurrent clients for measuring throughput (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the latency of calls at several sizes, relative to floors",
    examples=("python -m benchmarks latency --memories 1000,100000",),
)
def latency(args: Namespace, console: Console) -> int:
    """Print latencies at several sizes, relative to floors, and under load."""
    if not 1 <= args.clients <= _MAX_CLIENTS:
        raise InvalidInputError(
            "--clients",
            phrase("{field} is {clients}", clients=args.clients),
            hint=phrase("1 to {max_clients}", max_clients=_MAX_CLIENTS),
        )
    _at_least_one("--memories", min(args.memories))
    settings, report = begin_report(args)
    plan = Plan(args.memories, _CALLS, args.clients, _SECONDS)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[SizeLatency]:
        return await measure_latency(place, plan, advance)

    sizes = measure_in_sandbox(settings, console, "latency", plan.steps, measure)
    report |= {"clients": args.clients, "latency": [asdict(one) for one in sizes]}
    write_report(console, report, latency_tables(sizes, args.clients), args.json)
    return OK


@verb(
    "recall",
    argument(
        "--memories",
        type=_numbers,
        default=(100, 1_000, 10_000, 50_000),
        metavar="N,...",
        help="sizes of the spaces without special features (default: 100,1000,10000,50000)",
    ),
    argument(
        "--questions",
        type=int,
        default=100,
        metavar="N",
        help="number of questions for each space (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure the recall of vector search",
    examples=("python -m benchmarks recall --memories 1000,20000 --questions 50",),
)
def recall(args: Namespace, console: Console) -> int:
    """Print the recall of vector search in spaces of several sizes."""
    _at_least_one("--memories", min(args.memories))
    _at_least_one("--questions", args.questions)
    settings, report = begin_report(args)
    plan = RecallPlan(tuple(dict.fromkeys(args.memories)), args.questions)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[SpaceRecall]:
        return await measure_recall(place, plan, advance)

    spaces = measure_in_sandbox(settings, console, "recall", plan.steps, measure)
    report |= {"questions": args.questions, "recall": [asdict(one) for one in spaces]}
    write_report(console, report, [recall_table(spaces)], args.json)
    return OK


@verb(
    "faults",
    argument(
        "--saves",
        type=int,
        default=100_000,
        metavar="N",
        help="total number of acknowledged saves during outages (default: %(default)s, over "
        "half an hour)",
    ),
    argument(
        "--soak",
        type=int,
        default=30,
        metavar="MINUTES",
        help="duration of the test for leaks (default: %(default)s)",
    ),
    argument("--write", metavar="FILE", help="write the result as a documentation page"),
    JSON_FILE,
    summary="inject faults under load and count lost saves; takes over an hour",
    examples=(
        "python -m benchmarks faults --saves 5000",
        "python -m benchmarks faults --write docs/reliability.md",
    ),
)
def faults(args: Namespace, console: Console) -> int:
    """Inject every fault under load; print acknowledged and lost saves, and recovery times."""
    _at_least_one("--saves", args.saves)
    _at_least_one("--soak", args.soak)
    _, report = begin_report(args)
    measured_on = versions()
    plan = FaultPlan(args.saves, 60.0 * args.soak, _OUTAGE_S, _WAITING)
    rows = []
    with Progress(console, "faults", args.saves) as progress:
        for row in measure_faults(plan, progress.advance):
            rows.append(row)
            console.note(f"{row.fault} {row.what}: {row.acknowledged:,} saved, {row.lost} lost")
            if args.write:
                page = reliability_page(rows, measured_on, plan.saves, plan.lasts_s)
                Path(args.write).write_text(page, encoding="utf-8")
    report |= {"faults": [asdict(one) for one in rows]}
    write_report(console, report, [faults_table(rows)], args.json)
    return FAILED if any(row.lost for row in rows) else OK


@verb(
    "ablation",
    *DATA,
    JSON_FILE,
    summary="measure the contribution of each ranking signal",
    examples=("python -m benchmarks ablation --data locomo10.json",),
)
def ablation(args: Namespace, console: Console) -> int:
    """Print the retrieval quality without each ranking signal."""
    settings, report = begin_report(args)
    sets, plan = sets_of(args), QualityPlan(merged=args.merged)

    async def measure(place: Settings, advance: Callable[[int], None]) -> list[Ablation]:
        return await measure_ablation(place, sets, plan, advance)

    found = measure_in_sandbox(settings, console, "ablation", ablation_steps(sets, plan), measure)
    report |= {"names": not args.no_names, "merged": args.merged}
    report |= {"ablation": [asdict(one) for one in found]}
    write_report(console, report, [ablation_table(found)], args.json)
    return OK


if __name__ == "__main__":
    sys.exit(main(build=build_parser))

"""`sage bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.benchmark.conversations import own_sets, read_set
from sage.cli.benchmark.latency import Plan, measure_latency
from sage.cli.benchmark.quality import Inquiry, measure_quality, quality_steps
from sage.cli.benchmark.recall import RecallPlan, measure_recall
from sage.cli.benchmark.report import (
    TO_STDOUT,
    as_json,
    latency_tables,
    machine,
    quality_tables,
    recall_table,
    write_report,
)
from sage.cli.benchmark.sandbox import sandbox
from sage.cli.failures import OK
from sage.cli.running import run_until_ended, settings_of
from sage.errors import InvalidInputError
from sage.terminal.bar import Progress

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.cli.benchmark.latency import SizeLatency
    from sage.cli.benchmark.quality import SetQuality
    from sage.cli.benchmark.recall import SpaceRecall
    from sage.config.settings import Settings
    from sage.terminal.output import Console

_QUICK = Plan(sizes=(1_000,), calls=40, clients=16, seconds=2.0)
_CALLS = 100
_SECONDS = 5.0
_LARGE = 1_000_000
_MAX_CLIENTS = 64


def quick(args: Namespace, console: Console) -> int:
    """Print a short measurement of both quality and latency."""
    settings, report = _begun(args)
    found = _quality(settings, console, own_sets(), Inquiry())
    sizes = _latency(settings, console, _QUICK)
    report |= {"quality": as_json(found), "latency": as_json(sizes)}
    tables = quality_tables(console, found) + latency_tables(console, sizes, _QUICK.clients)
    write_report(console, report, tables, args.json)
    return OK


def quality(args: Namespace, console: Console) -> int:
    """Print how much of what answers a question is found."""
    settings, report = _begun(args)
    inquiry = Inquiry(merged=args.merged, ablate=args.ablate, context=args.context)
    found = _quality(settings, console, _sets(args), inquiry)
    report |= {"names": not args.no_names, "merged": args.merged, "quality": as_json(found)}
    write_report(console, report, quality_tables(console, found), args.json)
    return OK


def latency(args: Namespace, console: Console) -> int:
    """Print how long calls take at several sizes, beside their floors."""
    if not 1 <= args.clients <= _MAX_CLIENTS:
        raise InvalidInputError("--clients", f"is {args.clients}", hint=f"1 to {_MAX_CLIENTS}")
    wanted = (*args.memories, *((_LARGE,) if args.large else ()))
    if min(wanted) < 1:
        raise InvalidInputError("--memories", f"holds {min(wanted)}", hint="1 or more")
    settings, report = _begun(args)
    sizes = _latency(settings, console, Plan(wanted, _CALLS, args.clients, _SECONDS))
    report |= {"clients": args.clients, "latency": as_json(sizes)}
    write_report(console, report, latency_tables(console, sizes, args.clients), args.json)
    return OK


def recall(args: Namespace, console: Console) -> int:
    """Print what searching by vectors finds of the nearest, in spaces of several sizes."""
    if min(args.memories) < 1:
        raise InvalidInputError("--memories", f"holds {min(args.memories)}", hint="1 or more")
    if args.questions < 1:
        raise InvalidInputError("--questions", f"is {args.questions}", hint="1 or more")
    settings, report = _begun(args)
    plan = RecallPlan(tuple(dict.fromkeys(args.memories)), args.questions)

    async def run() -> list[SpaceRecall]:
        with Progress(console, "recall", plan.steps) as progress:
            async with sandbox(settings) as place:
                return await measure_recall(place, plan, progress.advance)

    spaces = run_until_ended(run())
    report |= {"questions": args.questions, "recall": as_json(spaces)}
    write_report(console, report, [recall_table(console, spaces)], args.json)
    return OK


def _begun(args: Namespace) -> tuple[Settings, dict[str, object]]:
    """Begin a report; one that could not be written in the end is refused now."""
    if args.json not in {False, "", TO_STDOUT}:
        to = Path(args.json)
        new = not to.exists()
        try:
            to.open("a", encoding="utf-8").close()
        except OSError as error:
            raise InvalidInputError(
                "--json",
                f"{to} cannot be written: {error.strerror}",
                hint="name a file in a folder that exists and may be written to",
            ) from error
        if new:
            to.unlink()
    return settings_of(args), machine()


def _quality(
    settings: Settings, console: Console, sets: tuple[ConversationSet, ...], inquiry: Inquiry
) -> list[SetQuality]:
    async def run() -> list[SetQuality]:
        with Progress(console, "quality", quality_steps(sets, inquiry)) as progress:
            async with sandbox(settings) as place:
                return await measure_quality(place, sets, inquiry, progress.advance)

    return run_until_ended(run())


def _latency(settings: Settings, console: Console, plan: Plan) -> list[SizeLatency]:
    async def run() -> list[SizeLatency]:
        with Progress(console, "latency", plan.steps) as progress:
            async with sandbox(settings) as place:
                return await measure_latency(place, plan, progress.advance)

    return run_until_ended(run())


def _sets(args: Namespace) -> tuple[ConversationSet, ...]:
    paths = [Path(path) for path in args.data or ()]
    if len({path.stem for path in paths}) < len(paths):
        raise InvalidInputError("--data", "names two files alike", hint="rename one of them")
    sets = tuple(map(read_set, paths)) if paths else own_sets()
    return tuple(one.without_names() for one in sets) if args.no_names else sets

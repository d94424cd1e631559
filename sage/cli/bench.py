"""`sage bench`."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentTypeError
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
from sage.terminal.progress import Progress

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.benchmark.conversations import ConversationSet
    from sage.cli.benchmark.latency import SizeLatency
    from sage.cli.benchmark.quality import SetQuality
    from sage.cli.benchmark.recall import SpaceRecall
    from sage.cli.parsing import VerbParser
    from sage.config.settings import Settings
    from sage.terminal.console import Console

_QUICK = Plan(sizes=(1_000,), calls=40, clients=16, seconds=2.0)
_CALLS = 100
_SECONDS = 5.0
_LARGE = 1_000_000
_MAX_CLIENTS = 64


def declare(parser: VerbParser) -> None:
    """Declare what is measured; `sage bench` alone means `quick`."""
    parser.add_verb("quick", "measure both on a small scale, in about a minute", _declare_quick)
    parser.add_verb(
        "quality", "measure how much of what answers a question is found", _declare_quality
    )
    parser.add_verb(
        "latency",
        "measure how long calls take at several sizes, and how many come through",
        _declare_latency,
    )
    parser.add_verb(
        "recall",
        "measure what searching by vectors finds of the nearest, by the size of a space",
        _declare_recall,
    )
    _declare_quick(parser)


def _declare_quick(parser: VerbParser) -> None:
    parser.describe(quick, examples=("sage bench quick", "sage bench quick --json bench.json"))
    _add_json_file(parser)


def _declare_quality(parser: VerbParser) -> None:
    parser.describe(
        quality,
        examples=(
            "sage bench quality",
            "sage bench quality --data locomo10.json --no-names --ablate",
        ),
    )
    parser.add_argument(
        "--data",
        nargs="+",
        metavar="FILE",
        help="conversations in the form of LoCoMo (default: three small sets of Sage's own)",
    )
    parser.add_argument(
        "--no-names", action="store_true", help="keep them as plain chats of user and assistant"
    )
    parser.add_argument(
        "--merged", action="store_true", help="ask into all conversations of a file at once"
    )
    parser.add_argument(
        "--ablate", action="store_true", help="ask again without each signal: what is it worth?"
    )
    parser.add_argument(
        "--context",
        action="store_true",
        help="ask for contexts, too: how much of what answers stands in them?",
    )
    _add_json_file(parser)


def _declare_latency(parser: VerbParser) -> None:
    parser.describe(
        latency,
        examples=("sage bench latency", "sage bench latency --memories 1000,10000,100000"),
    )
    parser.add_argument(
        "--memories",
        type=_numbers,
        default=(1_000, 10_000),
        metavar="N,...",
        help="sizes to measure at (default: 1000,10000)",
    )
    parser.add_argument(
        "--large", action="store_true", help="measure at 1,000,000 memories, too: takes an hour"
    )
    parser.add_argument(
        "--clients",
        type=int,
        default=16,
        metavar="N",
        help="clients that call at once when throughput is measured (default: %(default)s)",
    )
    _add_json_file(parser)


def _declare_recall(parser: VerbParser) -> None:
    parser.describe(
        recall,
        examples=("sage bench recall", "sage bench recall --memories 1000,20000 --questions 50"),
    )
    parser.add_argument(
        "--memories",
        type=_numbers,
        default=(100, 1_000, 10_000, 50_000),
        metavar="N,...",
        help="sizes of the plain spaces (default: 100,1000,10000,50000)",
    )
    parser.add_argument(
        "--questions",
        type=int,
        default=100,
        metavar="N",
        help="questions asked into each space (default: %(default)s)",
    )
    _add_json_file(parser)


def _add_json_file(parser: VerbParser) -> None:
    parser.add_argument(
        "--json",
        nargs="?",
        const="-",
        default=SUPPRESS,
        metavar="FILE",
        help="write the result as JSON to FILE; without FILE, instead of the table",
    )


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no list of numbers, such as 1000,10000") from None


def quick(args: Namespace, console: Console) -> int:
    """Print a short measurement of both quality and latency."""
    settings, report = _begun(args)
    found = _quality(settings, console, own_sets(), Inquiry())
    if args.json != TO_STDOUT:  # now: who gives up on what follows keeps what is measured
        for table in quality_tables(found):
            table.write(console)
        console.flush()
    sizes = _latency(settings, console, _QUICK)
    report |= {"quality": as_json(found), "latency": as_json(sizes)}
    write_report(console, report, latency_tables(sizes, _QUICK.clients), args.json)
    return OK


def quality(args: Namespace, console: Console) -> int:
    """Print how much of what answers a question is found."""
    settings, report = _begun(args)
    inquiry = Inquiry(merged=args.merged, ablate=args.ablate, context=args.context)
    found = _quality(settings, console, _sets(args), inquiry)
    report |= {"names": not args.no_names, "merged": args.merged, "quality": as_json(found)}
    write_report(console, report, quality_tables(found), args.json)
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
    write_report(console, report, latency_tables(sizes, args.clients), args.json)
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
    write_report(console, report, [recall_table(spaces)], args.json)
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

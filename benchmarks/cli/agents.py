"""`python -m benchmarks agents`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.agents.plain import plain_memory
from benchmarks.agents.weeks import generated_story
from sage.cli.bench import JSON_FILE, LANGUAGE, begin_report
from sage.cli.benchmark.agents.measure import OpenMemory, measure_stories
from sage.cli.benchmark.agents.memory import sage_memory
from sage.cli.benchmark.agents.tables import agents_tables
from sage.cli.benchmark.report import write_report
from sage.cli.failures import OK
from sage.cli.options import positive
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from sage.cli.terminal.console import Console

WEEKS = (1, 4, 12)
MEMORIES: Mapping[str, OpenMemory] = {"sage": sage_memory, "plain": plain_memory}
"""Functions that open a memory; add an entry to evaluate another one."""


@verb(
    "agents",
    argument(
        "--weeks",
        type=positive,
        default=max(WEEKS),
        metavar="N",
        help="number of weeks; the first, fourth, twelfth and last are evaluated (default: "
        "%(default)s)",
    ),
    LANGUAGE,
    argument(
        "--memory",
        choices=[*MEMORIES],
        default="sage",
        help="memory to evaluate: Sage with its hooks, or a plain message store (default: "
        "%(default)s)",
    ),
    argument(
        "--seed",
        type=int,
        default=22,
        metavar="N",
        help="seed of the generated weeks (default: %(default)s)",
    ),
    JSON_FILE,
    summary="measure what hooks recall over generated weeks of work",
    examples=(
        "python -m benchmarks agents --weeks 1",
        "python -m benchmarks agents --json agents.json",
    ),
)
def agents(args: Namespace, console: Console) -> int:
    """Print what hooks recall over generated weeks of work."""
    settings, report = begin_report(args)
    story = generated_story(args.weeks, args.language, args.seed)
    weeks = {*WEEKS, args.weeks}
    found = measure_stories(settings, console, [story], weeks, MEMORIES[args.memory])
    report |= {"memory": args.memory, "seed": args.seed, "agents": [asdict(one) for one in found]}
    write_report(console, report, agents_tables(found), args.json)
    return OK

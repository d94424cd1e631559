"""`python -m benchmarks prompt-cache`."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.prompt_cache import STEPS, WAYS, CacheCost, measure_prompt_cache
from benchmarks.talking import CLIENTS
from sage.cli.bench import JSON_FILE, begin_report
from sage.cli.benchmark.report import write_report
from sage.cli.failures import OK
from sage.cli.terminal.progress import Progress
from sage.cli.terminal.table import Table
from sage.cli.verb import argument, verb
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console

_LEGEND = (
    "prefix: share of a request that is a prefix of the next one; same, other: share of a "
    "session's first request that is a prefix of the next session's, for the same first question, "
    "and for another; head: tools and system prompt; tools, messages: additional tokens in the "
    "last request, compared with no Sage; hooks: tokens added by hooks, and in how many texts."
)


@verb(
    "prompt-cache",
    argument(
        "--client",
        choices=tuple(CLIENTS),
        help="measure only this client, which must be in PATH (default: all of them)",
    ),
    JSON_FILE,
    summary="measure how much of a prompt stays cached by the provider with hooks",
    examples=("python -m benchmarks prompt-cache --client codex",),
)
def prompt_cache(args: Namespace, console: Console) -> int:
    """Print how much of a prompt a provider can cache, with and without hooks."""
    clients = [args.client] if args.client else list(CLIENTS)
    for client in clients:
        program = CLIENTS[client].command[0]
        if shutil.which(program) is None:
            raise InvalidInputError(
                "PATH",
                phrase("{field} does not find {program}", program=program),
                hint=phrase("ci/lib/clients clients and ci/lib/clients integrations install it"),
            )
    settings, report = begin_report(args)
    with Progress(console, "prompt-cache", STEPS // len(CLIENTS) * len(clients)) as progress:
        costs = asyncio.run(measure_prompt_cache(settings, clients, progress.advance))
    report |= {"prompt_cache": [asdict(one) for one in costs]}
    write_report(console, report, [_table(costs)], args.json)
    return OK


def _table(costs: list[CacheCost]) -> Table:
    without = {one.client: one for one in costs if not WAYS[one.way]}
    rows = [_row(one, without[one.client]) for one in costs]
    heading = (
        *("client", "way", "requests", "prefix, least", "mean", "same", "other", "head"),
        *("tools +", "messages +", "hooks", "texts"),
    )
    return Table(heading, rows, left=2, legend=_LEGEND)


def _row(cost: CacheCost, without: CacheCost) -> tuple[str, ...]:
    return (
        cost.client,
        cost.way,
        f"{cost.requests}",
        f"{cost.prefix_least:.2%}",
        f"{cost.prefix_mean:.2%}",
        f"{cost.prefix_same:.2%}",
        f"{cost.prefix_other:.2%}",
        "same" if cost.same_head else "other",
        f"{cost.head_tokens - without.head_tokens:,}",
        f"{cost.message_tokens - without.message_tokens:,}",
        f"{cost.hook_tokens:,}",
        f"{cost.hook_texts}",
    )

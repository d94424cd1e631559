"""`sage doctor`: examine everything Sage needs, one line each."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configuration_of, log_quietly, name_database
from sage.cli.options import JSON
from sage.cli.verb import verb
from sage.domain.health import CheckResult, Status
from sage.errors import SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from sage.cli.terminal.console import Console
    from sage.cli.views.checks import CheckLine
    from sage.config.load import Configuration
    from sage.config.settings import Settings


@verb("doctor", JSON, examples=("sage doctor", "sage doctor --json"))
def doctor(args: Namespace, console: Console) -> int:
    """Examine everything; exit 1 when anything failed."""
    from sage.cli.views.checks import line_as_json, write_count, write_line
    from sage.local.signals import run_until_ended

    read = configuration_of(args)
    lines: list[CheckLine] = []

    def add(line: CheckLine) -> None:
        lines.append(line)
        if not args.json:
            write_line(line, console)

    for line in _configuration(read):
        add(line)
    if read.settings is not None:
        log_quietly(args, read.settings)
        name_database(read, console)
        run_until_ended(_examine_all(read.settings, add))
    failed = any(line.result.status is Status.UNHEALTHY for line in lines)
    if args.json:
        console.write_json({"ok": not failed, "checks": [line_as_json(line) for line in lines]})
    else:
        write_count(lines, console)
    return FAILED if failed else OK


def _configuration(read: Configuration) -> Iterator[CheckLine]:
    from sage.cli.views.checks import CheckLine

    for problem in read.problems:
        detail = phrase(
            "{variable} (from {origin}): {message}",
            variable=problem.variable,
            origin=problem.origin,
            message=problem.message,
        )
        status = Status.DEGRADED if problem.warning else Status.UNHEALTHY
        yield CheckLine("config", CheckResult(status, detail, problem.hint))
    if not read.problems:
        yield CheckLine("config", CheckResult.healthy("all values are valid"))


async def _examine_all(settings: Settings, add: Callable[[CheckLine], None]) -> None:
    from sage.cli.views.checks import CheckLine
    from sage.operations.checks.checklist import CheckPhase, examine_each
    from sage.operations.checks.subject import CheckContext
    from sage.service.configured_database import open_configured_database

    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(
                open_configured_database(settings, create=False)
            )
        except SageError as error:
            subject = CheckContext(settings=settings, failure=error)
        else:
            subject = CheckContext(settings=settings, database=database)
        async for check, result in examine_each(CheckPhase.DOCTOR, subject):
            add(CheckLine(check.name, result))

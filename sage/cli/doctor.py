"""`sage doctor`: examine everything Sage needs, one line each."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

from sage.bootstrap import open_configured_database
from sage.cli.failures import FAILED, OK
from sage.cli.running import configuration_of, log_as_asked, name_database, run_until_ended
from sage.domain.health import CheckResult, Status
from sage.errors import SageError
from sage.service.checks.checklist import Occasion, examine_each
from sage.service.checks.subject import Subject
from sage.terminal.output import Style, one_line

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from sage.cli.parsing import VerbParser
    from sage.config.manager import Configuration
    from sage.config.settings import Settings
    from sage.terminal.output import Console

_WORDS = {Status.HEALTHY: "ok", Status.DEGRADED: "warning", Status.UNHEALTHY: "failed"}
_STYLES = {
    Status.HEALTHY: Style.GOOD,
    Status.DEGRADED: Style.WARN,
    Status.UNHEALTHY: Style.BAD,
}


class Line(NamedTuple):
    """One thing that was examined."""

    name: str
    result: CheckResult


def declare(parser: VerbParser) -> None:
    """Declare the form of the answer."""
    parser.describe(doctor, examples=("sage doctor", "sage doctor --json"))
    parser.add_json()


def doctor(args: Namespace, console: Console) -> int:
    """Examine everything; exit 1 when anything failed."""
    read = configuration_of(args)
    lines: list[Line] = []

    def add(line: Line) -> None:
        lines.append(line)
        if not args.json:
            _write(line, console)

    for line in _configuration(read):
        add(line)
    if read.settings is not None:
        log_as_asked(args, read.settings, quietly=True)
        name_database(read, console)
        run_until_ended(_examine_all(read.settings, add))
    failed = any(line.result.status is Status.UNHEALTHY for line in lines)
    if args.json:
        console.write_json({"ok": not failed, "checks": [_as_json(line) for line in lines]})
    return FAILED if failed else OK


def _configuration(read: Configuration) -> Iterator[Line]:
    for problem in read.problems:
        detail = f"{problem.variable} (from {problem.origin}): {problem.message}"
        status = Status.DEGRADED if problem.warning else Status.UNHEALTHY
        yield Line("config", CheckResult(status, detail, problem.hint))
    if not read.problems:
        yield Line("config", CheckResult.healthy("every value can be used"))


async def _examine_all(settings: Settings, add: Callable[[Line], None]) -> None:
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(open_configured_database(settings))
        except SageError as error:
            subject = Subject(settings=settings, failure=error)
        else:
            subject = Subject(settings=settings, database=database)
        async for check, result in examine_each(Occasion.DOCTOR, subject):
            add(Line(check.name, result))


def _as_json(line: Line) -> dict[str, object]:
    return {
        "name": line.name,
        "status": _WORDS[line.result.status],
        "latency_ms": line.result.latency_ms,
        "detail": line.result.detail,
        "hint": line.result.hint,
    }


def _write(line: Line, console: Console) -> None:
    status = line.result.status
    mark = console.paint(f"{_WORDS[status]:<7}", _STYLES[status], Style.BOLD)
    took = console.paint(f"{line.result.latency_ms:>8,.1f} ms", Style.FAINT)
    hint = f"  {console.paint('fix:', Style.GOOD)} {one_line(line.result.hint)}"
    console.write(
        f"{mark} {line.name:<10} {took}  {one_line(line.result.detail)}"
        f"{hint if line.result.hint else ''}"
    )
    console.flush()

"""`sage doctor`: examine everything Sage needs, one line each."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

from sage.bootstrap import open_configured_database
from sage.checks.checklist import Occasion, examine_each
from sage.checks.subject import Subject
from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configuration_of, log_quietly, name_database
from sage.domain.health import CheckResult, Status
from sage.errors import SageError
from sage.terminal.console import Style
from sage.terminal.ending import run_until_ended
from sage.terminal.text import counted, one_line
from sage.views.program import as_called

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence

    from sage.cli.parsing import VerbParser
    from sage.config.load import Configuration
    from sage.config.settings import Settings
    from sage.terminal.console import Console, Part

_WORDS = {Status.HEALTHY: "ok", Status.DEGRADED: "warning", Status.UNHEALTHY: "failed"}
_SYMBOLS = {Status.HEALTHY: "✓", Status.DEGRADED: "!", Status.UNHEALTHY: "✗"}
_STYLES = {
    Status.HEALTHY: Style.GOOD,
    Status.DEGRADED: Style.WARN,
    Status.UNHEALTHY: Style.BAD,
}


_SLOW_MS = 1_000
_NAME_COLUMNS = 12


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
        log_quietly(args, read.settings)
        name_database(read, console)
        run_until_ended(_examine_all(read.settings, add))
    failed = any(line.result.status is Status.UNHEALTHY for line in lines)
    if args.json:
        console.write_json({"ok": not failed, "checks": [_as_json(line) for line in lines]})
    else:
        _write_count(lines, console)
    return FAILED if failed else OK


def _configuration(read: Configuration) -> Iterator[Line]:
    for problem in read.problems:
        detail = f"{problem.variable} (from {problem.origin}): {problem.message}"
        status = Status.DEGRADED if problem.warning else Status.UNHEALTHY
        yield Line("config", CheckResult(status, detail, problem.hint))
    if not read.problems:
        yield Line("config", CheckResult.healthy("all values are valid"))


async def _examine_all(settings: Settings, add: Callable[[Line], None]) -> None:
    async with AsyncExitStack() as stack:
        try:
            database = await stack.enter_async_context(
                open_configured_database(settings, create=False)
            )
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
    status, name, result = line.result.status, line.name, line.result
    shown = f"{_SYMBOLS[status]} " if console.symbols else f"{_WORDS[status]:<8}"
    hang = len(shown) + _NAME_COLUMNS
    took = f" ({result.latency_ms / 1000:.1f} s)" if result.latency_ms >= _SLOW_MS else ""
    console.write(
        (shown, _STYLES[status]),
        f"{name:<{_NAME_COLUMNS}}{one_line(result.detail)}",
        (took, Style.FAINT),
        hang=hang,
    )
    if result.hint:
        hint = f" {one_line(result.hint)}"
        console.write(" " * hang, ("fix:", Style.GOOD), as_called(hint), hang=hang + 5)
    console.flush()


def _write_count(lines: Sequence[Line], console: Console) -> None:
    """Write how many checks there were, and how many did not pass."""
    marks = Counter(line.result.status for line in lines)
    warnings, failed = marks[Status.DEGRADED], marks[Status.UNHEALTHY]
    parts: list[Part] = [counted(len(lines), "check", "checks")]
    if warnings:
        parts += [", ", (counted(warnings, "warning", "warnings"), Style.WARN)]
    parts += [", ", (f"{failed} failed", Style.ERROR) if failed else ("none failed", Style.GOOD)]
    console.write()
    console.write(*parts)

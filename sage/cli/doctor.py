"""`sage doctor`: check everything Sage needs, one line each."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, NamedTuple

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configuration_of, log_quietly, name_database
from sage.cli.options import JSON
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.cli.views.program_name import as_called
from sage.domain.health import CheckResult, Status
from sage.domain.text.columns import padded
from sage.domain.text.wording import counted, one_line
from sage.errors import SageError
from sage.phrases import phrase
from sage.phrases.language import gap, said

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence

    from sage.cli.terminal.console import Console
    from sage.config.load import Configuration
    from sage.config.settings import Settings


@verb(
    "doctor",
    argument(
        "--database",
        action="store_true",
        help="check only the database and the requirements on its server and user, even before "
        "Sage has stored anything in it",
    ),
    JSON,
    examples=("sage doctor", "sage doctor --database", "sage doctor --json"),
)
def doctor(args: Namespace, console: Console) -> int:
    """Run all checks; exit 1 if any failed."""
    from sage.local.signals import run_until_ended

    read = configuration_of(args)
    lines: list[CheckLine] = []

    def add(line: CheckLine) -> None:
        lines.append(line)
        if not args.json:
            _write_line(line, console)

    for line in _configuration(read):
        add(line)
    if read.settings is not None:
        log_quietly(args, read.settings)
        name_database(read, console)
        run_until_ended(_examine_all(read.settings, add, database_only=args.database))
    failed = any(line.result.status is Status.UNHEALTHY for line in lines)
    if args.json:
        console.write_json({"ok": not failed, "checks": [_as_json(line) for line in lines]})
    else:
        _write_count(lines, console)
    return FAILED if failed else OK


def _configuration(read: Configuration) -> Iterator[CheckLine]:

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


async def _examine_all(
    settings: Settings, add: Callable[[CheckLine], None], *, database_only: bool
) -> None:
    from sage.operations.checks.checklist import CheckPhase, run_checks
    from sage.operations.checks.context import CheckContext
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
        phase = CheckPhase.DATABASE if database_only else CheckPhase.DOCTOR
        async for check, result in run_checks(phase, subject):
            add(CheckLine(check.name, result))


_WORDS = {
    Status.HEALTHY: phrase("ok"),
    Status.DEGRADED: phrase("warning"),
    Status.UNHEALTHY: phrase("failed"),
}
_SYMBOLS = {Status.HEALTHY: "✓", Status.DEGRADED: "!", Status.UNHEALTHY: "✗"}
_STYLES = {
    Status.HEALTHY: Style.GOOD,
    Status.DEGRADED: Style.WARN,
    Status.UNHEALTHY: Style.BAD,
}
_SLOW_MS = 1_000
_NAME_COLUMNS = 14
_WORD_COLUMNS = 8


class CheckLine(NamedTuple):
    """The result of one check."""

    name: str
    result: CheckResult


def _as_json(line: CheckLine) -> dict[str, object]:
    """Return a line for programs."""
    return {
        "name": line.name,
        "status": _WORDS[line.result.status],
        "latency_ms": line.result.latency_ms,
        "detail": line.result.detail,
        "hint": line.result.hint,
    }


def _write_line(line: CheckLine, console: Console) -> None:
    """Write a result at once, with a hint if the check did not pass."""
    status, name, result = line.result.status, line.name, line.result
    shown = (
        f"{_SYMBOLS[status]} " if console.symbols else padded(said(_WORDS[status]), _WORD_COLUMNS)
    )
    hang = (2 if console.symbols else _WORD_COLUMNS) + _NAME_COLUMNS
    took = phrase("({seconds:.1f} s)", seconds=result.latency_ms / 1000)
    first, *others = [one_line(text) for text in said(result.detail).split("\n")]
    console.write(
        (shown, _STYLES[status]),
        f"{name:<{_NAME_COLUMNS}}{first}",
        *((gap(), (took, Style.FAINT)) if result.latency_ms >= _SLOW_MS else ()),
        hang=hang,
    )
    for text in others:
        console.write(" " * hang, text, hang=hang)
    if result.hint:
        hint = one_line(as_called(result.hint))
        console.write(" " * hang, (phrase("fix:"), Style.GOOD), " ", hint, hang=hang + 5)
    console.flush()


def _write_count(lines: Sequence[CheckLine], console: Console) -> None:
    """Write how many checks there were, and how many did not pass."""
    marks = Counter(line.result.status for line in lines)
    warnings, failed = marks[Status.DEGRADED], marks[Status.UNHEALTHY]
    count = phrase(
        "{checks}, {warnings}, {failed}" if warnings else "{checks}, {failed}",
        checks=counted(len(lines), "check", "checks"),
        warnings=counted(warnings, "warning", "warnings"),
        failed=phrase("{count} failed", count=failed) if failed else phrase("none failed"),
    )
    console.write()
    console.write(*styled(count, warnings=Style.WARN, failed=Style.ERROR if failed else Style.GOOD))

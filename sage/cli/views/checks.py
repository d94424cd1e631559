"""What was examined, a line each, and how many lines are not well."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sage.cli.terminal.console import Style, styled
from sage.cli.views.program_name import as_called
from sage.domain.health import CheckResult, Status
from sage.domain.text.columns import padded
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase
from sage.phrases.language import gap, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console

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
    """One thing that was examined."""

    name: str
    result: CheckResult


def line_as_json(line: CheckLine) -> dict[str, object]:
    """Return a line for machines."""
    return {
        "name": line.name,
        "status": _WORDS[line.result.status],
        "latency_ms": line.result.latency_ms,
        "detail": line.result.detail,
        "hint": line.result.hint,
    }


def write_line(line: CheckLine, console: Console) -> None:
    """Write what was found at once, and what to do where it is not well."""
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


def write_count(lines: Sequence[CheckLine], console: Console) -> None:
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

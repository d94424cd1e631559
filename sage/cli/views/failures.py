"""Errors and problems as lines for a person: message, detail and hint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.cli.views.program_name import as_called
from sage.domain.text.wording import counted, one_line
from sage.phrases import joined, phrase, with_arguments
from sage.phrases.language import said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.cli.terminal.console import Console
    from sage.errors import ConfigurationProblem, InvalidInputError

_OPTION_OF_FIELD = {
    "n": "-n",
    "max_results": "-n",
    "context_window": "--window",
    "similarity_threshold": "--threshold",
    "session_id": "--session",
    "role": "--role",
    "after": "--after",
    "before": "--before",
    "metadata": "--metadata",
    "created_at": "--created-at",
    "idempotency_key": "--idempotency-key",
    "limit": "--limit",
    "cursor": "--cursor",
    "query": "QUERY",
    "user_prompt": "USER",
    "assistant_response": "ASSISTANT",
}


def write_problems(console: Console, problems: Sequence[ConfigurationProblem]) -> None:
    """Write every problem of a configuration, one block each."""
    write_error(
        console,
        phrase(
            "the configuration is invalid: {count}",
            count=count_problems(problems),
        ),
        "",
        "",
    )
    write_problem_blocks(problems, console.note)


def count_problems(problems: Sequence[ConfigurationProblem]) -> str:
    """Return the number of errors that prevent a start, and of warnings."""
    warnings = sum(problem.warning for problem in problems)
    errors = len(problems) - warnings
    counts = (
        (errors, counted(errors, "problem", "problems")),
        (warnings, counted(warnings, "warning", "warnings")),
    )
    return joined(", ", (text for number, text in counts if number))


def write_problem_blocks(
    problems: Sequence[ConfigurationProblem], write: Callable[..., None]
) -> None:
    """Write each problem as a block: variable and origin, message, hint."""
    for problem in problems:
        write()
        write(
            "  ",
            (one_line(problem.variable), Style.BOLD),
            " " if problem.warning else "",
            (phrase("warning") if problem.warning else "", Style.WARN),
            "  ",
            (phrase("from {origin}", origin=one_line(problem.origin)), Style.FAINT),
            hang=4,
        )
        write(f"    {one_line(said(problem.message))}", hang=4)
        if problem.hint:
            write(
                "    ",
                (phrase("fix:"), Style.GOOD),
                f" {one_line(as_called(problem.hint))}",
                hang=9,
            )


def write_error(console: Console, message: str, detail: str, hint: str) -> None:
    """Write an error with its detail and its hint."""
    console.note(("sage:", Style.ERROR), f" {one_line(as_called(message))}", hang=2)
    for line in said(detail).splitlines():
        console.note(f"  {one_line(line)}", hang=4)
    if hint:
        console.note("  ", (phrase("fix:"), Style.GOOD), f" {one_line(as_called(hint))}", hang=7)


def with_option(error: InvalidInputError) -> str:
    """Return the message with the command-line option in place of the field."""
    if error.field.startswith("memory_ids["):
        index, _, rest = error.field.removeprefix("memory_ids[").partition("]")
        number = phrase("MEMORY_ID {number}", number=int(index) + 1)
        return error.message if rest else with_arguments(error.message, field=number)
    option = _OPTION_OF_FIELD.get(error.field)
    return error.message if option is None else with_arguments(error.message, field=option)

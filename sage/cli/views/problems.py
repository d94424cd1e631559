"""What is wrong with a configuration, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style, styled
from sage.cli.views.program_name import as_called
from sage.domain.text.wording import counted, one_line
from sage.phrases import joined, phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.cli.terminal.console import Console
    from sage.errors import ConfigurationProblem


def write_verdict(
    name: str | None, problems: Sequence[ConfigurationProblem], console: Console
) -> None:
    """Write whether a configuration can be used, after its name, and every problem."""
    usable = all(problem.warning for problem in problems)
    verdict = phrase("the configuration is valid" if usable else "the configuration is invalid")
    style = Style.READY if usable else Style.ERROR
    line = phrase(
        "{verdict}: {problems}" if problems else "{verdict}",
        verdict=verdict,
        problems=count_problems(problems),
    )
    console.write(f"{one_line(name)}: " if name else "", *styled(line, verdict=style))
    write_problem_blocks(problems, console.write)


def count_problems(problems: Sequence[ConfigurationProblem]) -> str:
    """Count what keeps Sage from starting, and apart from it what does not."""
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
    """Write each problem as a block: variable and origin, what is wrong, the fix."""
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

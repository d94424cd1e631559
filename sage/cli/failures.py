"""Turn what went wrong into lines for a person and an exit code. No traceback leaves here."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from sage.errors import ConfigurationError, InvalidInputError, SageError
from sage.terminal.console import Style
from sage.terminal.text import one_line
from sage.views.problems import count_problems, write_problem_blocks
from sage.views.program_name import as_called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.errors import ConfigurationProblem
    from sage.terminal.console import Console

OK = 0
FAILED = 1
USAGE = 2
COMMAND_LINE = "command line"
BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h

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


def report_failure(console: Console, error: SageError | ModuleNotFoundError) -> int:
    """Report what happened, what it means and what to do; return the exit code."""
    match error:
        case ConfigurationError():
            write_problems(console, error.problems)
            origins = {problem.origin for problem in error.problems if not problem.warning}
            return USAGE if origins == {COMMAND_LINE} else BAD_CONFIGURATION
        case InvalidInputError():
            _write_error(console, _with_option(error), "", error.hint)
            return USAGE
        case ModuleNotFoundError():
            missing = f"this installation is incomplete: there is no module {error.name}"
            _write_error(console, missing, "", "install Sage again, with all it depends on")
            return FAILED
        case _:
            _write_error(console, error.message, error.detail, error.hint)
            return FAILED


def report_bug(console: Console, error: BaseException, *, verbose: bool) -> int:
    """Report that Sage itself failed and how to report it; the traceback only when `verbose`."""
    if verbose:
        console.note("".join(traceback.format_exception(error)).rstrip())
    what = one_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    _write_error(
        console,
        f"unexpected error: {what}",
        "",
        "this is a bug in Sage; please report this line with the output of `sage doctor --json`"
        + ("" if verbose else "; --log-level DEBUG shows where it happened"),
    )
    return FAILED


def write_problems(console: Console, problems: Sequence[ConfigurationProblem]) -> None:
    """Write every problem of a configuration, one block each."""
    _write_error(console, f"the configuration is invalid: {count_problems(problems)}", "", "")
    write_problem_blocks(problems, console.note)


def _write_error(console: Console, message: str, detail: str, hint: str) -> None:
    console.note(("sage:", Style.ERROR), f" {one_line(as_called(message))}", hang=2)
    for line in detail.splitlines():
        console.note(f"  {one_line(line)}", hang=4)
    if hint:
        console.note("  ", ("fix:", Style.GOOD), f" {one_line(as_called(hint))}", hang=7)


def _with_option(error: InvalidInputError) -> str:
    if error.field.startswith("memory_ids["):
        index, _, problem = error.message.removeprefix("memory_ids[").partition("]")
        return f"MEMORY_ID {int(index) + 1}{problem}"
    option = _OPTION_OF_FIELD.get(error.field)
    if option is None or not error.message.startswith(error.field):
        return error.message
    return f"{option}{error.message.removeprefix(error.field)}"

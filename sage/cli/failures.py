"""Turn errors into lines for a person and an exit code. No traceback leaves here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.views.failures import with_option, write_error, write_problems
from sage.config.value import COMMAND_LINE
from sage.domain.text.wording import one_line
from sage.errors import ConfigurationError, InvalidInputError, SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console

OK = 0
FAILED = 1
USAGE = 2
BAD_CONFIGURATION = 78  # EX_CONFIG of sysexits.h


def report_failure(console: Console, error: SageError | ModuleNotFoundError) -> int:
    """Report an error with its detail and hint; return the exit code."""
    match error:
        case ConfigurationError():
            write_problems(console, error.problems)
            origins = {problem.origin for problem in error.problems if not problem.warning}
            return USAGE if origins == {COMMAND_LINE} else BAD_CONFIGURATION
        case InvalidInputError():
            write_error(console, with_option(error), "", error.hint)
            return USAGE
        case ModuleNotFoundError():
            missing = phrase(
                "this installation is incomplete: module {name} is missing", name=error.name
            )
            write_error(console, missing, "", "reinstall Sage with all its dependencies")
            return FAILED
        case _:
            write_error(console, error.message, error.detail, error.hint)
            return FAILED


def report_bug(console: Console, error: BaseException, *, verbose: bool) -> int:
    """Report a bug in Sage and how to report it; the traceback only if `verbose`."""
    if verbose:
        import traceback

        console.note("".join(traceback.format_exception(error)).rstrip())
    what = one_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    write_error(
        console,
        phrase("unexpected error: {what}", what=what),
        "",
        "this is a bug in Sage; please report this line with the output of `sage doctor --json`"
        if verbose
        else "this is a bug in Sage; please report this line with the output of "
        "`sage doctor --json`; --log-level DEBUG shows where it happened",
    )
    return FAILED

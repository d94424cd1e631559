"""Parse the command line, run the verb, and report errors."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.cli.failures import OK, USAGE, report_bug, report_failure
from sage.cli.parsing import build_parser
from sage.cli.terminal.console import Console, OutputLostError
from sage.config.child_environment import terminal_variables
from sage.config.language import language_of
from sage.errors import SageError
from sage.local.hangup import end_on_hangup
from sage.local.signal_codes import INTERRUPTED
from sage.phrases import phrase
from sage.phrases.language import speak

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from sage.cli.parsing import VerbParser
    from sage.cli.verb import Run


def main(
    argv: Sequence[str] | None = None,
    *,
    run: Run | None = None,
    build: Callable[[], VerbParser] = build_parser,
) -> int:
    """Run the command line with `argv` (default: that of the process); return the exit code.

    0 ok, 1 failed, 2 usage, 78 bad configuration, 130 interrupted. Never raises. `run` replaces the
    function of the verb; `build` makes the parser of another command line.
    """
    end_on_hangup()
    speak(language_of())
    console = Console.of_process(terminal_variables())
    try:
        code = _run(build, argv, console, run)
        console.flush()
    except OutputLostError as lost:
        _silence(console.out)
        code = OK if lost.reader_left else report_failure(console, _unwritten(lost))
    try:
        console.err.flush()
    except OSError:  # the terminal was closed
        _silence(console.err)
    return code


def _run(
    build: Callable[[], VerbParser],
    argv: Sequence[str] | None,
    console: Console,
    run: Run | None,
) -> int:
    args: Namespace | None = None
    try:
        args = build().parse_args(argv)
        if args.SAGE_DATA_DIR or args.env_file:
            speak(language_of(args.SAGE_DATA_DIR, args.env_file))
        return _act(args, console, run or args.run)
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except OutputLostError:
        raise
    except (SageError, ModuleNotFoundError) as error:
        return report_failure(console, error)
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for users
        return report_bug(
            console, error, verbose=args is not None and args.SAGE_LOG_LEVEL == "DEBUG"
        )


def _act(args: Namespace, console: Console, run: Run | None) -> int:
    if run is None:
        args.parser.print_help(console.err)
        return USAGE
    return run(args, console)


def _silence(stream: TextIO) -> None:
    """Redirect a broken stream to null: flushing it, the interpreter would exit with 120."""
    with suppress(ValueError):  # a stream held in memory has no descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _unwritten(lost: OutputLostError) -> SageError:
    return SageError(
        phrase("cannot write the output: {lost}", lost=lost),
        hint="write it to a disk with free space",
    )

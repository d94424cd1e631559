"""`sage config show`, `check`, `diff` and `env`."""

from __future__ import annotations

import os
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli import config_diff
from sage.cli.failures import BAD_CONFIGURATION, OK
from sage.cli.open_services import configuration_of
from sage.cli.terminal.console import Style
from sage.config.origins import DEFAULT
from sage.domain.text.wording import one_line
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare `show`, `check`, `diff` and `env`."""
    parser.add_verb(
        "show",
        "show all values in effect and their origins; secrets are hidden",
        _declare_show,
    )
    parser.add_verb("check", "list every problem of the configuration with its fix", _declare_check)
    parser.add_verb(
        "diff", "show what differs between two environments or two files", config_diff.declare
    )
    parser.add_verb(
        "env",
        "print .env.example, or write it to a new file",
        _declare_env,
    )


def _declare_show(parser: VerbParser) -> None:
    parser.describe(show, examples=("sage config show", "sage config show --changed"))
    parser.add_argument(
        "--changed", action="store_true", help="only values that differ from the default"
    )
    parser.add_json()


def _declare_check(parser: VerbParser) -> None:
    parser.describe(
        check,
        examples=("sage config check", "sage config check --env prod --env-file prod.env"),
        details="With --env for another environment, only the settings are checked, not this "
        "machine, its port or its database.",
    )
    parser.add_argument(
        "--env", choices=config_diff.ENVIRONMENTS, help="check as if SAGE_ENV were this"
    )
    parser.add_json()


def _declare_env(parser: VerbParser) -> None:
    parser.describe(write_env, examples=("sage config env", "sage config env --output new.env"))
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to a new file (default: stdout)"
    )


def show(args: Namespace, console: Console) -> int:
    """Print every value with its origin; secrets are masked."""
    from sage.cli.views.problems import count_problems
    from sage.cli.views.program_name import as_called

    read = configuration_of(args)
    values = read.values
    if args.changed and args.json:
        values = tuple(value for value in values if value.origin != DEFAULT)
    if args.json:
        console.write_json([value._asdict() for value in values])
        return OK
    names = max(len(value.variable) for value in values)
    if args.changed and all(value.origin == DEFAULT for value in values):
        console.note(phrase("nothing differs from the defaults"))
    group = ""
    for value in values:
        default = value.origin == DEFAULT
        if args.changed and default:
            continue
        if value.group != group:
            if group:
                console.write()
            console.write((value.group, Style.BOLD))
            group = value.group
        console.write(
            "  ",
            (f"{value.variable:<{names}}", Style.NAME),
            "  ",
            (one_line(value.value) or phrase("(not set)"), Style.FAINT if default else ""),
            "" if default else "  ",
            ("" if default else phrase("from {origin}", origin=one_line(value.origin)), Style.GOOD),
            hang=names + 4,
        )
    if any(not problem.warning for problem in read.problems):
        told = phrase(
            "{problems}: `sage config check` says what to do",
            problems=count_problems(read.problems),
        )
        console.note(as_called(told))
    return OK


def check(args: Namespace, console: Console) -> int:
    """List everything that is wrong, on this machine too; exit 78 when Sage cannot start."""
    from sage.cli.views.problems import write_verdict
    from sage.operations.checks.checklist import Occasion, examine_now, problems_of
    from sage.operations.checks.subject import Subject

    read = configuration_of(args)
    problems = list(read.problems)
    if read.settings is not None and args.env is None:
        found = examine_now(Occasion.CONFIG, Subject(settings=read.settings))
        problems += problems_of(found)
    usable = all(problem.warning for problem in problems)
    if args.json:
        console.write_json({"ok": usable, "problems": [asdict(problem) for problem in problems]})
    else:
        write_verdict(args.env, problems, console)
    return OK if usable else BAD_CONFIGURATION


def write_env(args: Namespace, console: Console) -> int:
    """Write the documented example, to a new file that only its owner reads."""
    from sage.cli.views.program_name import program
    from sage.config.reference import render_env_example

    text = render_env_example()
    if args.output is None:
        console.write_text(text)
        return OK
    try:
        with os.fdopen(
            os.open(args.output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except FileExistsError:
        raise StartupError(
            phrase("{output} already exists and was not changed", output=args.output),
            hint=phrase(
                "choose another --output, or compare: {program} config env | diff {output} -",
                program=program(),
                output=shlex.quote(str(args.output)),
            ),
        ) from None
    except OSError as error:
        raise StartupError(
            phrase(
                "{output} cannot be written: {reason}", output=args.output, reason=error.strerror
            ),
            hint="choose another --output",
        ) from None
    console.note(phrase("wrote {output}", output=args.output))
    return OK

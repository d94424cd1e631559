"""`sage config`."""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import BAD_CONFIGURATION, OK
from sage.cli.open_services import configuration_of
from sage.cli.options import JSON
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.cli.views.failures import count_problems, write_problem_blocks
from sage.cli.views.program_name import as_called, program
from sage.config.sources import PROFILES
from sage.config.value import DEFAULT
from sage.domain.text.wording import one_line
from sage.errors import InvalidInputError, StartupError
from sage.phrases import Phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console
    from sage.config.load import Configuration, Difference
    from sage.errors import ConfigurationProblem

_LINE = "{path} line {line}"
"""The origin of a value in a line of a file."""


@verb(
    "config show",
    argument("--changed", action="store_true", help="only values that differ from the default"),
    JSON,
    summary="show all values in effect and their origins; secrets are hidden",
    examples=("sage config show", "sage config show --changed"),
)
def show(args: Namespace, console: Console) -> int:
    """Print every value with its origin; secrets are masked."""
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
        text = phrase(
            "{problems}: `sage config check` says what to do",
            problems=count_problems(read.problems),
        )
        console.note(as_called(text))
    return OK


@verb(
    "config check",
    argument(
        "--env",
        dest="SAGE_ENV",
        choices=tuple(PROFILES),
        help="check as if SAGE_ENV were this",
    ),
    JSON,
    summary="list every problem of the configuration with its fix",
    examples=("sage config check", "sage config check --env prod --env-file prod.env"),
    details="With --env for another environment, only the settings are checked, not this "
    "machine, its port or its database.",
)
def check(args: Namespace, console: Console) -> int:
    """List all problems, also of this machine; exit 78 if Sage cannot start."""
    from sage.operations.checks.checklist import CheckPhase, problems_of, run_checks_sync
    from sage.operations.checks.context import CheckContext

    read = configuration_of(args)
    problems = list(read.problems)
    if read.settings is not None and args.SAGE_ENV is None:
        found = run_checks_sync(CheckPhase.CONFIG, CheckContext(settings=read.settings))
        problems += problems_of(found)
    usable = all(problem.warning for problem in problems)
    if args.json:
        console.write_json({"ok": usable, "problems": [asdict(problem) for problem in problems]})
    else:
        _write_verdict(args.SAGE_ENV, problems, console)
    return OK if usable else BAD_CONFIGURATION


@verb(
    "config diff",
    *(
        argument(side, metavar=side.upper(), help=phrase("{names}, or a file", names=[*PROFILES]))
        for side in ("first", "second")
    ),
    JSON,
    summary="show what differs between two environments or two files",
    examples=("sage config diff dev prod", "sage config diff staging.env prod.env"),
    details="For an environment, the configuration is read as if SAGE_ENV were its name; a "
    "file is read in place of Sage's own .env.",
)
def diff(args: Namespace, console: Console) -> int:
    """Print every value that differs, and the problems of either side."""
    names = (args.first, args.second)
    first, second = (_read(args, name) for name in names)
    found = first.differences(second)
    if args.json:
        problems = (first.problems, second.problems)
        console.write_json(
            {
                "differences": [{"variable": one.first.variable, **_json_of(one)} for one in found],
                "problems": {
                    side: [asdict(problem) for problem in those]
                    for side, those in zip(("first", "second"), problems, strict=True)
                },
            }
        )
        return OK
    labels = _labels_of(*map(Path, names))
    _write_differences(found, names, labels, console)
    for name, label, read in zip(names, labels, (first, second), strict=True):
        text = [
            replace(
                one,
                origin=_without_path(name, one.origin),
                message=_without_path(name, one.message),
            )
            for one in read.problems
        ]
        console.write()
        _write_verdict(label, text, console)
    return OK


@verb(
    "config env",
    argument(
        "-o", "--output", type=Path, metavar="FILE", help="write to a new file (default: stdout)"
    ),
    summary="print .env.example, or write it to a new file",
    examples=("sage config env", "sage config env --output new.env"),
)
def write_env(args: Namespace, console: Console) -> int:
    """Write the documented example, to a new file that only its owner can read."""
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


def _read(args: Namespace, name: str) -> Configuration:
    """Read the configuration of one side. Raises InvalidInputError."""
    if name in PROFILES:
        return configuration_of(Namespace(**vars(args) | {"SAGE_ENV": name}))
    if Path(name).is_file():
        return configuration_of(Namespace(**vars(args) | {"env_file": name}))
    raise InvalidInputError(
        repr(name),
        "{field} is neither an environment nor a file",
        hint=phrase("write {choices} or a path", choices=tuple(PROFILES)),
    )


def _json_of(one: Difference) -> dict[str, dict[str, str]]:
    return {
        side: {"value": value.value, "origin": value.origin}
        for side, value in one._asdict().items()
    }


def _write_verdict(
    name: str | None, problems: Sequence[ConfigurationProblem], console: Console
) -> None:
    """Write whether the configuration called `name` is usable, and every problem."""
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


def _labels_of(first: Path, second: Path) -> tuple[str, str]:
    """Return the names of two files, with as many directories as necessary to tell them apart."""
    if first.name == second.name and first.parent.name and second.parent.name:
        above = _labels_of(first.parent, second.parent)
        return f"{above[0]}/{first.name}", f"{above[1]}/{second.name}"
    return first.name, second.name


def _without_path(name: str, text: str) -> str:
    """Return an origin without the path of the compared file, whose label precedes it."""
    if not isinstance(text, Phrase):
        return text
    arguments = {
        argument: _without_path(name, value) if isinstance(value, Phrase) else value
        for argument, value in text.arguments.items()
    }
    if text.id == _LINE and arguments["path"] == str(Path.cwd() / name):
        return phrase("line {line}", line=arguments["line"])
    return Phrase(text.id, arguments, text.plural)


def _write_differences(
    found: list[Difference], names: tuple[str, str], labels: tuple[str, str], console: Console
) -> None:
    """Write each variable that differs, and below it both values with their origins."""
    if not found:
        console.write(phrase("no value differs"))
    width = max(map(len, labels))
    for one in found:
        console.write((one.first.variable, Style.NAME))
        for name, label, value in zip(names, labels, one, strict=True):
            origin = one_line(_without_path(name, value.origin))
            console.write(
                f"  {one_line(label):<{width}}",
                "  ",
                one_line(value.value) or phrase("(not set)"),
                "" if origin == DEFAULT else "  ",
                ("" if origin == DEFAULT else phrase("from {origin}", origin=origin), Style.GOOD),
                hang=width + 4,
            )

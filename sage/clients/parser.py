"""The parser of command lines, whose help and errors are in the language of the process."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from sage.domain.text.columns import folded
from sage.phrases import as_phrase, phrase
from sage.phrases.language import WIDE_COLON, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MISSING = re.compile(r"the following arguments are required: (?P<names>.+)")
ABOUT_ARGUMENT = re.compile(r"argument (?P<name>[^:]+): (?P<problem>.+)", re.DOTALL)

_CHINESE_HEADING = re.compile(r"(?<=[\u4e00-\u9fff]):$", re.MULTILINE)

_USAGE = 2
_PROBLEMS: dict[str, Callable[..., str]] = {
    r"invalid choice: (?P<value>.+) \(choose from (?P<choices>.+)\)": lambda value, choices: phrase(
        "invalid choice: {value} (choose from {choices})", value=value, choices=choices.split(", ")
    ),
    r"invalid (?P<kind>\w+) value: (?P<value>.+)": lambda kind, value: phrase(
        "invalid {kind} value: {value}", kind=kind, value=value
    ),
    r"expected one argument": lambda: phrase("expected one argument"),
    r"expected at least one argument": lambda: phrase("expected at least one argument"),
    r"expected (?P<count>\d+) arguments": lambda count: phrase(
        "expected {count} arguments", count=count
    ),
    r"not allowed with argument (?P<other>.+)": lambda other: phrase(
        "not allowed with argument {other}", other=other
    ),
    r"one of the arguments (?P<names>.+) is required": lambda names: phrase(
        "one of the arguments {names} is required", names=names
    ),
    r"ignored explicit argument (?P<value>.+)": lambda value: phrase(
        "ignored explicit argument {value}", value=value
    ),
}
"""The errors of argparse, and the equivalent phrases."""


def worded(problem: str) -> str:
    """Return an error of argparse as a phrase, or unchanged if it is an unusual one."""
    for pattern, made in _PROBLEMS.items():
        if found := re.fullmatch(pattern, problem, re.DOTALL):
            return made(**found.groupdict())
    return problem


class SpokenHelp(argparse.HelpFormatter):
    """Help in the language of the process; a Chinese character takes two columns."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """Add the usage after its label."""
        super().add_usage(
            usage, actions, groups, said(phrase("usage: ")) if prefix is None else prefix
        )

    def start_section(self, heading: str | None) -> None:
        """Begin a section with its heading."""
        super().start_section(said(heading) if heading else heading)

    def add_text(self, text: str | None) -> None:
        """Add a description or an epilog."""
        super().add_text(said(text) if text and text != argparse.SUPPRESS else text)

    def format_help(self) -> str:
        """Return the help, with a Chinese colon after Chinese text."""
        text = super().format_help().replace(f"{WIDE_COLON} ", WIDE_COLON)
        return _CHINESE_HEADING.sub(WIDE_COLON, text)

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return said(action.help) if action.help else action.help

    def _split_lines(self, text: str, width: int) -> list[str]:
        return folded(text, width)


class Parser(argparse.ArgumentParser):
    """A parser that declares its help in English, and shows it in the language of the process."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"formatter_class": SpokenHelp, **options, "add_help": False})  # type: ignore[arg-type] # argparse checks
        self._positionals.title = phrase("positional arguments")
        self._optionals.title = phrase("options")
        self.add_argument(
            "-h",
            "--help",
            action="help",
            default=argparse.SUPPRESS,
            help="show this help message and exit",
        )

    def error(self, message: str) -> NoReturn:
        """Write the error below the usage, and exit with 2."""
        self.print_usage(sys.stderr)
        if missing := MISSING.fullmatch(message):
            problem = phrase("{names} is missing", names=missing["names"])
        elif about := ABOUT_ARGUMENT.fullmatch(message):
            problem = phrase(
                "{argument}: {problem}", argument=about["name"], problem=worded(about["problem"])
            )
        else:
            problem = worded(message)
        line = phrase("{program}: error: {problem}", program=self.prog, problem=as_phrase(problem))
        self.exit(_USAGE, f"{said(line)}\n")

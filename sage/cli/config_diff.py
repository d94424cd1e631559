"""`sage config diff`: two environments, or two files of settings, side by side."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import configuration_of
from sage.config.sources import PROFILES
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console
    from sage.config.difference import Difference
    from sage.config.load import Configuration

ENVIRONMENTS = tuple(PROFILES)


def declare(parser: VerbParser) -> None:
    """Declare the two sides."""
    parser.describe(
        diff,
        examples=("sage config diff dev prod", "sage config diff staging.env prod.env"),
        details="For an environment, the configuration is read as if SAGE_ENV were its name; a "
        "file is read in place of Sage's own .env.",
    )
    for side in ("first", "second"):
        parser.add_argument(
            side, metavar=side.upper(), help=phrase("{names}, or a file", names=list(ENVIRONMENTS))
        )
    parser.add_json()


def diff(args: Namespace, console: Console) -> int:
    """Print every value that differs, and what is wrong with either side."""
    from sage.cli.views.difference import labels_of, without_path, write_differences
    from sage.cli.views.problems import write_verdict
    from sage.config.difference import differences

    names = (args.first, args.second)
    first, second = (_read(args, name) for name in names)
    found = differences(first, second)
    if args.json:
        problems = (first.problems, second.problems)
        console.write_json(
            {
                "differences": [{"variable": one.first.variable, **_told(one)} for one in found],
                "problems": {
                    side: [asdict(problem) for problem in those]
                    for side, those in zip(("first", "second"), problems, strict=True)
                },
            }
        )
        return OK
    labels = labels_of(*map(Path, names))
    write_differences(found, names, labels, console)
    for name, label, read in zip(names, labels, (first, second), strict=True):
        told = [
            replace(
                one, origin=without_path(name, one.origin), message=without_path(name, one.message)
            )
            for one in read.problems
        ]
        console.write()
        write_verdict(label, told, console)
    return OK


def _read(args: Namespace, name: str) -> Configuration:
    """Read the configuration of one side. Raises InvalidInputError."""
    if name in ENVIRONMENTS:
        return configuration_of(Namespace(**vars(args) | {"env": name}))
    if Path(name).is_file():
        return configuration_of(Namespace(**vars(args) | {"env_file": name}))
    raise InvalidInputError(
        repr(name),
        "{field} is neither an environment nor a file",
        hint=phrase("write {choices} or a path", choices=ENVIRONMENTS),
    )


def _told(one: Difference) -> dict[str, dict[str, str]]:
    return {
        side: {"value": value.value, "origin": value.origin}
        for side, value in one._asdict().items()
    }

"""What differs between two configurations, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.config.value import DEFAULT
from sage.domain.text.wording import one_line
from sage.phrases import Phrase, phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console
    from sage.config.load import Difference

_LINE = "{path} line {line}"
"""The origin of what a line of a file sets."""


def labels_of(first: Path, second: Path) -> tuple[str, str]:
    """Return the names of two files, with as many directories as make them distinct."""
    if first.name == second.name and first.parent.name and second.parent.name:
        above = labels_of(first.parent, second.parent)
        return f"{above[0]}/{first.name}", f"{above[1]}/{second.name}"
    return first.name, second.name


def without_path(name: str, text: str) -> str:
    """Return an origin without the path of the file that is compared: its label stands before."""
    if not isinstance(text, Phrase):
        return text
    arguments = {
        argument: without_path(name, value) if isinstance(value, Phrase) else value
        for argument, value in text.arguments.items()
    }
    if text.id == _LINE and arguments["path"] == str(Path.cwd() / name):
        return phrase("line {line}", line=arguments["line"])
    return Phrase(text.id, arguments, text.plural)


def write_differences(
    found: list[Difference], names: tuple[str, str], labels: tuple[str, str], console: Console
) -> None:
    """Write each variable that differs, and below it both values with their origins."""
    if not found:
        console.write(phrase("no value differs"))
    width = max(map(len, labels))
    for one in found:
        console.write((one.first.variable, Style.NAME))
        for name, label, value in zip(names, labels, one, strict=True):
            origin = one_line(without_path(name, value.origin))
            console.write(
                f"  {one_line(label):<{width}}",
                "  ",
                one_line(value.value) or phrase("(not set)"),
                "" if origin == DEFAULT else "  ",
                ("" if origin == DEFAULT else phrase("from {origin}", origin=origin), Style.GOOD),
                hang=width + 4,
            )

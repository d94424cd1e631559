"""The definition of a format: how files of one program are recognized, and their entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sage.clients.reading.sample import SourceSample

UNREADABLE = "unreadable"
READ_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The errors that a reader raises for a file in an unexpected form."""


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """How the files of one program are recognized and read.

    Sessions are prefixed by the name of the program, unless they may be continued. Some are read
    with the date format given by the user. If memories belong to projects, none may be recalled in
    another: the name of the program stands for an unknown project. Messages `of_client`, an AI
    client on this machine, are stored as by hooks.
    """

    source: str
    recognizes: Callable[[SourceSample], bool]
    read: Callable[..., Iterator[Entry]]
    keeps_sessions: bool = False
    takes_date_format: bool = False
    in_projects: bool = False
    of_client: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, or one note, as it is in a file.

    `key` is its id in the program that wrote it, `said_at` a time in any form. An entry that is
    usually unwanted has a reason in `left_out`, and is imported if that is included. One that
    `replaces` others names their keys, and the maximum number of parts of each.
    """

    key: str = ""
    session: str = ""
    role: str = "assistant"
    text: str = ""
    said_at: object = None
    name: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    left_out: str = ""
    replaces: tuple[tuple[str, int], ...] = ()


_UNREADABLE = (Entry(left_out=UNREADABLE),)


@dataclass(slots=True)
class ReadCounts:
    """Counts of a source: messages to import, and what happened to the others.

    `skipped` counts by reason, `problems` names files that could not be read completely.
    """

    read: int = 0
    copies: int = 0
    repaired: int = 0
    split: int = 0
    undated: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def skip(self, reason: str) -> None:
        """Count an entry that is not imported."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


def read_each(
    values: Iterable[object], read: Callable[[dict[str, object]], Iterable[Entry]]
) -> Iterator[Entry]:
    """Yield the entries of each object; one that raises an error is left out completely."""
    for value in values:
        yield from read_one(read, value)


def read_one(
    read: Callable[..., Iterable[Entry]], value: object, *more: object
) -> tuple[Entry, ...]:
    """Return the entries of an object; an unreadable one if that raises an error."""
    try:
        return tuple(read(value, *more)) if isinstance(value, dict) else _UNREADABLE
    except READ_ERRORS:
        return _UNREADABLE

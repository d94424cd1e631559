"""What the reader of a file yields, and what is counted of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

UNREADABLE = "unreadable"
STUMBLES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What is raised where a file is not as its reader expects."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, or one note, as it stands in a file.

    `key` is its id in the program that wrote it, `said_at` a time in any form. What is usually not
    wanted has a reason in `left_out`, and is imported where that is included. One that `replaces`
    others names their keys, and in how many parts each is at most.
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
    """What was read of a source: messages to keep, and what became of the others.

    `skipped` counts by reason, `problems` names files that could not be read to their end.
    """

    read: int = 0
    copies: int = 0
    repaired: int = 0
    split: int = 0
    undated: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def skip(self, reason: str) -> None:
        """Count one that is not imported."""
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


def each(
    values: Iterable[object], read: Callable[[dict[str, object]], Iterable[Entry]]
) -> Iterator[Entry]:
    """Yield what `read` makes of each object; one in which it stumbles is left out whole."""
    for value in values:
        yield from tried(read, value)


def tried(read: Callable[..., Iterable[Entry]], value: object, *more: object) -> tuple[Entry, ...]:
    """Return what `read` makes of an object; one in which it stumbles is unreadable."""
    try:
        return tuple(read(value, *more)) if isinstance(value, dict) else _UNREADABLE
    except STUMBLES:
        return _UNREADABLE

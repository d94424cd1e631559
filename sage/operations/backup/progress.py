"""Progress of long operations."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


class Advance(Protocol):
    """Receives the progress of a step."""

    def advance(self, done: int = 0) -> None:
        """Add `done` pieces of finished work."""


class ProgressStep(Protocol):
    """Begins a step of `total` pieces of work, None if the number is unknown."""

    def __call__(self, label: str, total: int | None) -> AbstractContextManager[Advance]:
        """Show the step for the length of a block."""


class _Unseen:
    def advance(self, done: int = 0) -> None:
        """Show nothing."""


def unseen(label: str, total: int | None) -> AbstractContextManager[Advance]:
    """Return a step that shows nothing."""
    del label, total
    return nullcontext(_Unseen())

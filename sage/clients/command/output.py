"""Output for people: lines, questions, and progress of long work.

Progress is an animated line on a terminal, an occasional line elsewhere.
"""

from __future__ import annotations

import sys
import time
from typing import Self

from sage.domain.text.columns import columns_of
from sage.phrases.language import said, said_phrase

_LINE_S = 5.0
_REDRAWN_S = 0.1


def say(text: str) -> None:
    """Write a line on standard output."""
    sys.stdout.write(f"{said_phrase(text)}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Write a note to standard error."""
    sys.stderr.write(f"{said_phrase(text)}\n")


def can_ask() -> bool:
    """Return whether a person sees a question and can answer it."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


def answer_to(question: str) -> str:
    """Ask on standard error, and return the line that was entered."""
    sys.stderr.write(said(question))
    sys.stderr.flush()
    return sys.stdin.readline()


class PlainProgress:
    """Shows on standard error how much of a total is done."""

    def __init__(self, label: str, total: int) -> None:
        self.done = 0
        self._label = label
        self._total = max(total, 1)
        self._draws = sys.stderr.isatty()
        self._noted_at = time.monotonic()
        self._width = 0

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the line for what comes after."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()

    def reach(self, done: int) -> None:
        """Set the progress to `done`."""
        self.done = done
        now = time.monotonic()
        if now - self._noted_at < (_REDRAWN_S if self._draws else _LINE_S):
            return
        self._noted_at = now
        text = f"{said(self._label)}: {min(100, 100 * done // self._total)} %"
        if self._draws:
            self._width = max(self._width, columns_of(text))
            sys.stderr.write(f"\r{text}")
            sys.stderr.flush()
        else:
            sys.stderr.write(f"{text}\n")

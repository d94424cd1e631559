"""Show how far long work has come: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from sage.terminal.output import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.terminal.output import Console

_REDRAW_S = 0.1
_LINE_S = 5.0
_BAR_COLUMNS = 30


class Progress:
    """Count work done towards `total` and say so on the error stream, not too often."""

    def __init__(
        self,
        console: Console,
        label: str,
        total: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._label = label
        self._total = max(total, 1)
        self._done = 0
        self._clock = clock
        self._draws = console.err.isatty()
        self._shown_at = clock()
        self._started_at = self._shown_at
        self._reason = ""

    def __enter__(self) -> Self:
        """Show the empty bar on a terminal."""
        if self._draws:
            self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal's line clean for what comes after."""
        if self._draws:
            self._console.note_text("\r\x1b[K")

    def advance(self, done: int) -> None:
        """Add `done` pieces of finished work."""
        self._done += done
        self._reason = ""
        now = self._clock()
        finished = self._done >= self._total
        if now - self._shown_at < (_REDRAW_S if self._draws else _LINE_S) and not finished:
            return
        self._shown_at = now
        if self._draws:
            self._draw()
        elif not finished or now - self._started_at >= _LINE_S:
            self._console.note(f"{self._label}: {self._counted()}")

    def wait(self, reason: str) -> None:
        """Report why no work gets done for a while."""
        if self._draws:
            self._console.note_text(f"\r\x1b[K{self._label}: {self._counted()}; {reason}")
        elif reason != self._reason:
            self._console.note(f"{self._label}: {self._counted()}; {reason}")
        self._reason = reason

    def _counted(self) -> str:
        counts = f"{self._done:,} of {self._total:,} ({100 * self._done // self._total} %)"
        took_s = self._clock() - self._started_at
        if took_s < _LINE_S or not 0 < self._done < self._total:
            return counts
        left_s = took_s * (self._total - self._done) / self._done
        return f"{counts}, {duration_text(left_s)} left"

    def _draw(self) -> None:
        filled = _BAR_COLUMNS * min(self._done, self._total) // self._total
        bar = "#" * filled + "-" * (_BAR_COLUMNS - filled)
        self._console.note_text(f"\r\x1b[K{self._label} [{bar}] {self._counted()}")

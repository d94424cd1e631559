"""Show the progress of long work: an animated line on a terminal, occasional lines elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from sage.domain.text.wording import duration_text
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.live import Live

    from sage.cli.terminal.console import Console

_LINE_S = 5.0


class Progress:
    """Counts work towards `total` and shows it on standard error; without a total, only the time.

    On a terminal it shows a bar; elsewhere a line every five seconds, and none for shorter work.
    """

    def __init__(
        self,
        console: Console,
        label: str,
        total: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label = label
        self.total = None if total is None else max(total, 1)
        self.done = 0
        self.reason = ""
        self._console = console
        self._clock = clock
        self._began_at = self._noted_at = clock()
        self._first: tuple[float, int] | None = None
        self._live: Live | None = None

    def __enter__(self) -> Self:
        """Show the line on a terminal."""
        if self._console.draws:
            from sage.cli.terminal.live_line import live_line

            self._live = live_line(self._console, self)
            self._live.start(refresh=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Clear the line."""
        if self._live is not None:
            self._live.stop()

    def advance(self, done: int = 0) -> None:
        """Add `done` pieces of finished work."""
        self.done += done
        self.reason = ""
        now = self._clock()
        if self._first is None and done:
            self._first = now, self.done
        finished = self.total is not None and self.done >= self.total
        if now - self._noted_at >= _LINE_S or (finished and now - self._began_at >= _LINE_S):
            self._note()

    def wait(self, reason: str) -> None:
        """Report why no work is done for a while."""
        if reason != self.reason:
            self.reason = reason
            self._note()

    def state(self) -> str:
        """Return the progress, the estimated time left, and the reason of a wait."""
        now = self._clock()
        if self.total is None:
            text = duration_text(now - self._began_at)
        else:
            share = 100 * self.done // self.total
            left = self._time_left(now)
            text = phrase(
                "{done:,} of {total:,} ({share} %), {left} left"
                if left
                else "{done:,} of {total:,} ({share} %)",
                done=self.done,
                total=self.total,
                share=share,
                left=left,
            )
        if not self.reason:
            return text
        return phrase("{state}; {reason}", state=text, reason=as_phrase(self.reason))

    def _time_left(self, now: float) -> str:
        """Estimate the time left by the pace since the first piece, excluding preparation."""
        if self._first is None or self.total is None or self.done >= self.total:
            return ""
        began_at, done = self._first[0], self.done - self._first[1]
        if now - began_at < _LINE_S or not done:
            return ""
        left_s = (now - began_at) * (self.total - self.done) / done
        return duration_text(left_s)

    def _note(self) -> None:
        self._noted_at = self._clock()
        if not self._console.draws:
            label = as_phrase(self.label)
            self._console.note(phrase("{label}: {state}", label=label, state=self.state()))

"""Tell how a start gets on, to people and to log readers."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from sage.config.settings import LogFormat
from sage.logs import get_logger
from sage.terminal.output import Style

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from sage.errors import Problem
    from sage.terminal.output import Console

_REDRAW_S = 0.25
_LINE_S = 5.0

_Answer = TypeVar("_Answer")
log = get_logger(__name__)


class Steps:
    """Tell the steps of the start: coloured for people, structured where lines are JSON."""

    def __init__(self, console: Console, log_format: LogFormat) -> None:
        self._console = console
        self._draws = console.err.isatty()
        self._structured = log_format is LogFormat.JSON or (
            log_format is LogFormat.AUTO and not self._draws
        )

    def done(self, step: str, text: str) -> None:
        """Report that a step is over."""
        if self._structured:
            log.info("start_step", step=step, detail=text)
        else:
            self._console.note(f"{self._console.paint_note('ok', Style.GOOD)}    {step}: {text}")

    def warn(self, step: str, text: str, hint: str) -> None:
        """Report what is odd but does not keep Sage from starting."""
        if self._structured:
            log.warning("start_step", step=step, detail=text, hint=hint)
            return
        self._console.note(f"{self._console.paint_note('note', Style.WARN)}  {step}: {text}")
        self._console.note(f"      {self._console.paint_note('fix:', Style.GOOD)} {hint}")

    def warn_of(self, problems: Sequence[Problem]) -> None:
        """Report the warnings of a configuration that can be used."""
        for problem in problems:
            self.warn("configuration", f"{problem.variable} {problem.message}", problem.hint)

    async def waiting(self, work: Awaitable[_Answer], text: str) -> _Answer:
        """Show that `work` goes on: a line that counts on a terminal, one every 5 s elsewhere."""
        began = told = time.monotonic()
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait({task}, timeout=_REDRAW_S))[0]:
                now = time.monotonic()
                if self._draws:
                    mark = self._console.paint_note("wait", Style.NAME)
                    self._console.err.write(f"\r\x1b[K{mark}  {text} {now - began:.0f} s")
                    self._console.err.flush()
                elif now - told >= _LINE_S:
                    told = now
                    self._waited(text, now - began)
        finally:
            task.cancel()
            if self._draws:
                self._console.err.write("\r\x1b[K")
                self._console.err.flush()
        return task.result()

    def _waited(self, text: str, waited_s: float) -> None:
        if self._structured:
            log.info("start_waiting", detail=text, waited_s=round(waited_s))
        else:
            self._console.note(f"wait  {text} {waited_s:.0f} s")

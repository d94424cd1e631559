"""Report the progress of a start, to people and to log readers."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, TypeVar

from sage.cli.terminal.console import Style
from sage.cli.terminal.progress import Progress
from sage.cli.views.program_name import as_called
from sage.config.choices import LogFormat
from sage.phrases import phrase
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from sage.cli.terminal.console import Console
    from sage.errors import ConfigurationProblem

_POLL_S = 0.25
_LINE_S = 5.0

_Result = TypeVar("_Result")
log = get_logger(__name__)


class Steps:
    """Reports the steps of the start: coloured for people, structured if log lines are JSON."""

    def __init__(self, console: Console, log_format: LogFormat) -> None:
        self._console = console
        self._structured = log_format is LogFormat.JSON or (
            log_format is LogFormat.AUTO and not console.err.isatty()
        )

    def done(self, step: str, text: str) -> None:
        """Report that a step is finished."""
        if self._structured:
            log.info("start_step", step=step, detail=text)
        else:
            self._console.note((phrase("ok"), Style.GOOD), f"    {step}: ", text, hang=6)

    def warn(self, step: str, text: str, hint: str) -> None:
        """Report a problem that does not prevent a start."""
        if self._structured:
            log.warning("start_step", step=step, detail=text, hint=hint)
            return
        self._console.note((phrase("note"), Style.WARN), f"  {step}: ", text, hang=6)
        self._console.note("      ", (phrase("fix:"), Style.GOOD), " ", as_called(hint), hang=11)

    def warn_of(self, problems: Sequence[ConfigurationProblem]) -> None:
        """Report the warnings of a usable configuration."""
        for problem in problems:
            self.warn(
                "configuration",
                phrase("{variable} {message}", variable=problem.variable, message=problem.message),
                problem.hint,
            )

    async def waiting(self, work: Awaitable[_Result], text: str) -> _Result:
        """Show that `work` is in progress until it is done; return its result."""
        task = asyncio.ensure_future(work)
        try:
            if self._structured:
                began = time.monotonic()
                while not (await asyncio.wait({task}, timeout=_LINE_S))[0]:
                    log.info("start_waiting", detail=text, waited_s=round(time.monotonic() - began))
            else:
                with Progress(self._console, text) as progress:
                    while not (await asyncio.wait({task}, timeout=_POLL_S))[0]:
                        progress.advance()
        finally:
            task.cancel()
        return task.result()

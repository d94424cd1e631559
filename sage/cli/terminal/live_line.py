"""A progress line that never takes more than one line of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from sage.phrases.language import said

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import ConsoleOptions, RenderableType, RenderResult

    from sage.cli.terminal.console import Console

_MIN_BAR = 8
_MAX_BAR = 30
_SPINNER = 2
_BAR = "cyan"
_REDRAWS_PER_S = 8


class LiveProgress(Protocol):
    """Progress as the line shows it; without a total it has no bar."""

    label: str
    total: int | None
    done: int

    def state(self) -> str:
        """Return the progress as text."""


def live_line(console: Console, progress: LiveProgress) -> Live:
    """Return a display that redraws the line until it is stopped, and then removes it.

    Notes and other output to standard error meanwhile appear above it.
    """
    return Live(
        _ProgressLine(progress, "dots" if console.rich_err.encoding.startswith("utf") else "line"),
        console=console.rich_err,
        refresh_per_second=_REDRAWS_PER_S,
        transient=True,
        redirect_stdout=False,
    )


class _ProgressLine:
    """Spinner, label, bar and state; if too narrow, the bar is dropped first, then the label."""

    def __init__(self, progress: LiveProgress, spinner: str) -> None:
        self._progress = progress
        self._spinner = Spinner(spinner)

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        """Lay out the line for the current width of the terminal."""
        progress = self._progress
        label, state = Text(said(progress.label)), Text(said(progress.state()))
        room = options.max_width - 1 - _SPINNER  # behind the last column the next line begins
        state.truncate(room, overflow="ellipsis")
        room -= state.cell_len + 1
        parts: list[RenderableType] = [self._spinner.render(console.get_time()), state]
        bar_columns = min(room - label.cell_len - 1, _MAX_BAR)
        if progress.total is not None and bar_columns >= _MIN_BAR:
            done = min(progress.done, progress.total)
            parts.insert(
                1,
                ProgressBar(
                    progress.total,
                    done,
                    width=bar_columns,
                    complete_style=_BAR,
                    finished_style=_BAR,
                ),
            )
        label.truncate(max(room, 0), overflow="ellipsis")
        if label:
            parts.insert(1, label)
        line = Table.grid(padding=(0, 1, 0, 0))
        for _ in parts:
            line.add_column(no_wrap=True)
        line.add_row(*parts)
        yield line

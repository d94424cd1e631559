"""Wait for the vectors of saved messages, since no server may be running to make them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sage.cli.terminal.progress import Progress
from sage.domain.text.wording import counted
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Generator

    from sage.cli.terminal.console import Console

_VECTORS_WAIT_S = 20.0
_STANDSTILL_S = 6.0
_LOOK_EVERY_S = 0.05


def watch_vectors(pending: int, console: Console) -> Generator[float, int, None]:
    """Wait for the vectors of `pending` memories, at most 20 s.

    Yields the seconds to wait before the next check, and is sent how many are pending then. Saved
    messages are durable and can already be found by their words; leaving early loses nothing.
    """
    began = moved = time.monotonic()
    with Progress(console, "indexing", pending) as progress:
        while pending and time.monotonic() < min(began + _VECTORS_WAIT_S, moved + _STANDSTILL_S):
            left = yield _LOOK_EVERY_S
            if left < pending:
                moved = time.monotonic()
            progress.advance(max(pending - left, 0))
            pending = left
    if pending:
        console.note(
            phrase(
                "{memories} can be found by keyword only until a running Sage has embedded them",
                memories=counted(pending, "memory", "memories"),
            )
        )

"""End on a signal a server that otherwise ends only with its input."""

from __future__ import annotations

import os
import select
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import Callable

_STDIN = 0
_BLOCK_BYTES = 65_536


def end_input_on_signals() -> Callable[[], bool]:
    """Make SIGTERM and SIGINT end standard input; return a function that reports if SIGINT came.

    A thread that waits for input cannot be cancelled. So input is copied through a pipe, and a
    signal closes that pipe: the reader ends in order. Raises StartupError without an input.
    """
    try:
        source = os.dup(_STDIN)
    except OSError:
        raise StartupError(
            "standard input is closed", hint="let an MCP client start `sage mcp`"
        ) from None
    reading, writing = os.pipe()
    stop_read, stop_write = os.pipe()
    os.dup2(reading, _STDIN)
    os.close(reading)
    numbers = [0]

    def end(number: int, _frame: object) -> None:
        numbers.append(number)
        os.write(stop_write, b".")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    threading.Thread(target=_pass_on, args=(source, writing, stop_read), daemon=True).start()
    return lambda: numbers[-1] == signal.SIGINT


def _pass_on(source: int, writing: int, stop: int) -> None:
    """Copy bytes until the source ends or a stop is requested; then close the copy."""
    with os.fdopen(writing, "wb", buffering=0) as copy, suppress(OSError):  # the reader may be gone
        while True:
            ready, _, _ = select.select([source, stop], [], [])
            if stop in ready:
                return
            block = os.read(source, _BLOCK_BYTES)
            if not block:
                return
            while block:
                block = block[copy.write(block) :]

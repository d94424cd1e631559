"""Waits until no request is being answered, so that background work can run."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LULL_S = 0.03
"""Longer than the pause of a client between two calls."""


class RequestActivity:
    """Counts the calls that are being answered; belongs to one event loop."""

    def __init__(self) -> None:
        self._running = 0
        self._ended_at = -math.inf
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call while the block runs."""
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            self._ended_at = time.monotonic()
            if not self._running:
                self._idle.set()

    async def wait_idle(self, at_most_s: float) -> None:
        """Wait until no call is being answered, but at most `at_most_s` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                await self._idle.wait()
                while (rest_s := self._ended_at + _LULL_S - time.monotonic()) > 0:
                    await asyncio.sleep(rest_s)
                    await self._idle.wait()

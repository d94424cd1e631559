"""Wait for a condition, with a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_S = 60.0


def wait_for(
    condition: Callable[[], bool], deadline_s: float = DEADLINE_S, *, pause_s: float = 0.01
) -> None:
    """Wait for a condition; a longer pause is for one that takes much to ask for."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(pause_s)

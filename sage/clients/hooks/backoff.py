"""Leave a Sage alone for a while that did not answer: each prompt would wait for it in vain."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from sage.clients.hooks.places import UNANSWERED, place, read_json, write_json

_MOST_IN_VAIN = 2
_PAUSE_S = 60.0


def is_left_alone(data_dir: str) -> bool:
    """Return whether the latest two prompts or more were in vain, within a minute."""
    state = read_json(place(data_dir, UNANSWERED))
    count, at = state.get("count"), state.get("at")
    if not isinstance(count, int) or not isinstance(at, float):
        return False
    return count >= _MOST_IN_VAIN and 0 <= time.time() - at < _PAUSE_S


def record_silence(data_dir: str) -> None:
    """Count a prompt that was not answered in time. Raises OSError."""
    path = place(data_dir, UNANSWERED)
    count = read_json(path).get("count")
    write_json(path, {"count": (count if isinstance(count, int) else 0) + 1, "at": time.time()})


def record_answer(data_dir: str) -> None:
    """Forget that Sage did not answer."""
    with suppress(OSError):
        os.unlink(place(data_dir, UNANSWERED))

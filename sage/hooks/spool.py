"""Events that wait to be captured: one small private file each, so that none is lost."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from sage.hooks.places import SPOOL, place, read_json, write_json
from sage.masking.masked import masked
from sage.transcripts.cleaning import spoken

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

    from sage.hooks.payload import Payload

MAX_BYTES = 50_000_000
"""Beyond this the oldest events are dropped; the next event of their session makes up for them."""


def add(data_dir: str, payload: Payload) -> None:
    """Write down that something was said. Raises OSError."""
    entry = {
        "client": payload.client,
        "space": payload.space,
        "event": payload.event,
        "session": payload.session,
        "transcript": payload.transcript,
        "cwd": payload.cwd,
        "answer": masked(spoken(payload.answer)),
        "turn": payload.turn,
        "messages": [
            {**one, "text": masked(spoken(str(one.get("text") or "")))} for one in payload.messages
        ],
    }
    name = f"{time.time_ns():020d}-{os.getpid()}.json"
    write_json(place(data_dir, SPOOL, name), entry)
    _bound(data_dir)


def waiting(data_dir: str) -> list[str]:
    """Return the paths of the events that wait, the oldest first."""
    folder = place(data_dir, SPOOL)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names]


def is_waiting(data_dir: str) -> bool:
    """Return whether any event waits."""
    return bool(waiting(data_dir))


def read(path: str) -> dict[str, Any]:
    """Return an event, an empty one if it cannot be read."""
    return read_json(path)


def age_s(path: str) -> float:
    """Return how many seconds ago an event happened, by its name."""
    nanoseconds = os.path.basename(path).partition("-")[0]
    return time.time() - int(nanoseconds) / 1e9 if nanoseconds.isdecimal() else float("inf")


def remove(path: str) -> None:
    """Remove an event that was dealt with."""
    with suppress(OSError):
        os.unlink(path)


def _bound(data_dir: str) -> None:
    paths = waiting(data_dir)
    sizes = {}
    for path in paths:
        with suppress(OSError):
            sizes[path] = os.path.getsize(path)
    total = sum(sizes.values())
    for path in paths:
        if total <= MAX_BYTES:
            break
        total -= sizes.get(path, 0)
        remove(path)

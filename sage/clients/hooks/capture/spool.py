"""Events waiting for capture: one small private file each, so that none is lost.

The process that captures them is detached from the client that waits for the hook.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress

from sage.clients.hooks.payload import read_waiting
from sage.clients.hooks.state_files import (
    ASIDE,
    BEGUN,
    DAYS,
    DROPPED,
    FOLDER,
    SPOOL,
    read_json,
    state_path,
    write_json,
)
from sage.clients.transcripts.cleaning import spoken
from sage.domain.text.masking.masked import masked

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from typing import Any

    from sage.clients.hooks.payload import Payload

MAX_BYTES = 50_000_000
"""Above this the oldest events are dropped; the next event of their session replaces them."""

MAX_DAYS = 30
"""On how many days events may arrive while one waits: clients keep transcripts about as long.

Days without events are not counted, and a clock that jumps adds only one day.
"""

RAW = ".raw"
"""The suffix of events that the launcher queued alone, without Sage."""

_MAX_BEGINNINGS = 2
_BLOCK_BYTES = 4096
"""The space that a small file takes on disk."""
_DAY_S = 86_400
_WITH_DAY = 3

_CAPTURE = "from sage.clients.hooks.capture.worker import run; run({data_dir!r})"


def add(
    data_dir: str, payload: Payload, *, with_text: bool = True, is_ignored: bool = False
) -> None:
    """Queue an event, `with_text` or without. Raises OSError.

    `is_ignored`: it is of an ignored folder.
    """
    entry = _entry_of(payload)
    if not with_text:
        entry |= {"answer": "", "messages": []}
    add_entry(data_dir, {**entry, "ignored": True} if is_ignored else entry)


def add_entry(data_dir: str, entry: dict[str, Any]) -> None:
    """Queue an event, as `read` returns it, at the end. Raises OSError."""
    before, day = waiting(data_dir), _day(data_dir)
    number = max(time.time_ns(), *(_number_of(path) + 1 for path in before[-1:]), 0)
    name = f"{number:020d}-{day}-{os.urandom(4).hex()}.json"
    write_json(state_path(data_dir, SPOOL, name), entry)
    _bound(data_dir, state_path(data_dir, SPOOL), day)


def waiting(data_dir: str) -> list[str]:
    """Return the paths of the queued events, the oldest first."""
    return _events_in(state_path(data_dir, SPOOL))


def aside(data_dir: str) -> list[str]:
    """Return the paths of the events that were set aside, the oldest first."""
    return _events_in(state_path(data_dir, ASIDE))


def is_waiting(data_dir: str) -> bool:
    """Return whether any event is queued."""
    return bool(waiting(data_dir))


def read(path: str) -> dict[str, Any]:
    """Return an event, an empty one if it cannot be read or has no content."""
    if not path.endswith(RAW):
        return read_json(path)
    try:
        payload = read_waiting(path)
    except OSError:
        return {}
    return {**_entry_of(payload), "unread": payload.unread} if payload.is_captured else {}


def age_s(path: str) -> float:
    """Return the age of an event in seconds, by its name."""
    return time.time() - _number_of(path) / 1e9


def begin(data_dir: str, path: str) -> bool:
    """Count an attempt of an event; return False after too many unfinished ones. Raises OSError.

    The process that captures may hang, or be killed, and neither may delay all other events.
    """
    begun = _begun(data_dir)
    name = os.path.basename(path)
    count = begun.get(name, 0)
    if count < _MAX_BEGINNINGS:
        write_json(state_path(data_dir, BEGUN), {**begun, name: count + 1})
    return count < _MAX_BEGINNINGS


def forgive(data_dir: str, path: str) -> None:
    """Reset the attempts of an event that waits through no fault of its own. Raises OSError."""
    begun = _begun(data_dir)
    if begun.pop(os.path.basename(path), None):
        write_json(state_path(data_dir, BEGUN), begun)


def remove(path: str) -> None:
    """Remove a finished event."""
    with suppress(OSError):
        os.unlink(path)


def set_aside(data_dir: str, path: str) -> None:
    """Move an event that cannot be captured aside, where it delays nothing. Raises OSError."""
    folder = state_path(data_dir, ASIDE)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    forgive(data_dir, path)
    os.replace(path, os.path.join(folder, os.path.basename(path)))
    _bound(data_dir, folder, 0)


def dropped(data_dir: str) -> tuple[int, float]:
    """Return how many events were dropped by the limits of size or age, and when the last.

    It is reset after a month without another.
    """
    known = read_json(state_path(data_dir, DROPPED))
    count, at = known.get("count"), known.get("at")
    if not isinstance(count, int) or not isinstance(at, float):
        return 0, 0.0
    return (count, at) if abs(time.time() - at) < MAX_DAYS * _DAY_S else (0, 0.0)


def _entry_of(payload: Payload) -> dict[str, Any]:
    return {
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


def _begun(data_dir: str) -> dict[str, int]:
    """Return the number of unfinished attempts of each event."""
    waits = {os.path.basename(path) for path in waiting(data_dir)}
    recorded = read_json(state_path(data_dir, BEGUN)).items()
    return {name: n for name, n in recorded if name in waits and isinstance(n, int)}


def _events_in(folder: str) -> list[str]:
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith((".json", RAW)))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names]


def _number_of(path: str) -> int:
    """Return the number that orders events: nanoseconds of the clock, unless that was set back."""
    digits = os.path.basename(path).partition("-")[0]
    return int(digits) if digits.isdecimal() else 0


def _day(data_dir: str) -> int:
    """Return the number of days with events, including this one. Raises OSError."""
    path, now = state_path(data_dir, DAYS), time.time()
    known = read_json(path)
    day, at = known.get("day"), known.get("at")
    if not isinstance(day, int) or not isinstance(at, float):
        day, at = 0, 0.0
    if abs(now - at) >= _DAY_S:
        day += 1
        write_json(path, {"day": day, "at": now})
    return day


def _bound(data_dir: str, folder: str, day: int) -> None:
    """Drop the oldest events above the limit, and count them. Raises OSError."""
    sizes: dict[str, int] = {}
    for path in _events_in(folder):
        with suppress(OSError):
            sizes[path] = max(os.path.getsize(path), _BLOCK_BYTES)
    total, count = sum(sizes.values()), 0
    for path, size in sizes.items():
        if total <= MAX_BYTES and not _is_old(path, day):
            break
        total -= size
        count += 1
        remove(path)
    if count:
        write_json(
            state_path(data_dir, DROPPED),
            {"count": dropped(data_dir)[0] + count, "at": time.time()},
        )


def _is_old(path: str, day: int) -> bool:
    parts = os.path.basename(path).split("-")
    return len(parts) == _WITH_DAY and parts[1].isdecimal() and int(parts[1]) < day - MAX_DAYS


def start_worker(data_dir: str) -> None:
    """Start the process that captures, without the client's pipes. Raises OSError."""
    root = os.path.abspath(__file__)
    for _ in __name__.split("."):
        root = os.path.dirname(root)
    code = f"import sys; sys.path.insert(0, {root!r}); {_CAPTURE.format(data_dir=data_dir)}"
    if os.fork():
        return
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        os.closerange(3, 256)
        os.chdir(os.path.join(data_dir, FOLDER))
        os.execv(sys.executable, [sys.executable, "-I", "-S", "-c", code])  # noqa: S606
    finally:
        os._exit(1)

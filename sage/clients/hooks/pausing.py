"""Pause capture and recall for a while, by request of the user.

Messages in a pause are recognized by their time. So they are not captured later either, by any
event that reads the transcript: past pauses are remembered.
"""

from __future__ import annotations

import math
import time

from sage.clients.hooks.state_files import read_json, state_path, write_json
from sage.phrases import phrase

TYPE_CHECKING = False  # typing is slow to import
if TYPE_CHECKING:
    from collections.abc import Iterable

LEFT_OUT = "paused"
"""The reason for which an import leaves out messages."""

_PAUSES = "pauses.json"
_MAX_KEPT = 500
_DAY_S = 86_400
_UNITS_S = {"m": 60, "h": 3_600, "d": _DAY_S, "w": 7 * _DAY_S}


def paused_until(data_dir: str) -> float:
    """Return when the current pause ends, infinity until resumed; 0 without one."""
    now = time.time()
    return max((end for begin, end in pauses(data_dir) if begin <= now < end), default=0.0)


def pauses(data_dir: str) -> list[tuple[float, float]]:
    """Return when each pause began and ended, or will; the last end may be infinity."""
    listed = read_json(state_path(data_dir, _PAUSES)).get("pauses")
    return [
        (float(one[0]), math.inf if one[1] is None else float(one[1]))
        for one in (listed if isinstance(listed, list) else ())
        if _is_pause(one)
    ]


def is_within(kept: Iterable[tuple[float, float]], at: float) -> bool:
    """Return whether a time is in one of the pauses."""
    return any(begin <= at < end for begin, end in kept)


def keep(data_dir: str, kept: list[tuple[float, float]]) -> str:
    """Store known pauses, and return the file. Raises OSError."""
    _write(data_dir, kept)
    return state_path(data_dir, _PAUSES)


def pause(data_dir: str, seconds: float | None) -> float:
    """Pause for some seconds, or until resumed; return the end. Raises OSError.

    It replaces the end of a current pause.
    """
    now = time.time()
    end = math.inf if seconds is None else now + seconds
    _write(data_dir, [*_ended(pauses(data_dir), now), (now, end)])
    return end


def resume(data_dir: str) -> bool:
    """End the current pause; return False without one. Raises OSError."""
    now = time.time()
    if not paused_until(data_dir):
        return False
    _write(data_dir, _ended(pauses(data_dir), now))
    return True


def seconds_in(text: str) -> float | None:
    """Return the seconds of `30m`, `2h`, `1d` or `1w`, None for an invalid duration."""
    number, unit = text[:-1], _UNITS_S.get(text[-1:])
    if unit is None or not (number.isascii() and number.isdigit()) or not int(number[:9]):
        return None
    return float(int(number[:9]) * unit)


def state_text(end: float) -> str:
    """Return the message that the hooks are paused, and until when."""
    if math.isinf(end):
        return phrase("paused until you resume")
    is_soon = end - time.time() < _DAY_S / 2
    form = "%H:%M" if is_soon else "%Y-%m-%d %H:%M"
    return phrase("paused until {end}", end=time.strftime(form, time.localtime(end)))


def _ended(kept: list[tuple[float, float]], now: float) -> list[tuple[float, float]]:
    return [(begin, min(end, now)) for begin, end in kept if begin < now]


def _write(data_dir: str, kept: list[tuple[float, float]]) -> None:
    """Write the pauses; beyond a maximum the oldest are merged, with the time between."""
    if len(kept) > _MAX_KEPT:
        oldest = kept[: len(kept) - _MAX_KEPT + 1]
        kept = [(oldest[0][0], max(end for _, end in oldest)), *kept[len(oldest) :]]
    written = [[begin, None if math.isinf(end) else end] for begin, end in kept]
    write_json(state_path(data_dir, _PAUSES), {"pauses": written})


def _is_pause(one: object) -> bool:
    match one:
        case [int() | float(), int() | float() | None]:
            return True
    return False

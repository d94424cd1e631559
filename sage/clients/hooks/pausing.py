"""Pause capture and recall for a while, by request of the user.

What was said in a pause is known by its time. So it is not kept later either, whichever event
comes upon it in a transcript: the pauses of the past are remembered.
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
"""Why an import left messages out."""

_PAUSES = "pauses.json"
_MAX_KEPT = 500
_DAY_S = 86_400
_UNITS_S = {"m": 60, "h": 3_600, "d": _DAY_S, "w": 7 * _DAY_S}


def paused_until(data_dir: str) -> float:
    """Return when the pause ends that is on, infinity if somebody has to end it; 0 without one."""
    now = time.time()
    return max((end for begin, end in pauses(data_dir) if begin <= now < end), default=0.0)


def pauses(data_dir: str) -> list[tuple[float, float]]:
    """Return when each pause began and ended, or will; the end of one may be infinity."""
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
    """Write pauses that are known, and return the file. Raises OSError."""
    _write(data_dir, kept)
    return state_path(data_dir, _PAUSES)


def pause(data_dir: str, seconds: float | None) -> float:
    """Pause for some seconds, or until somebody resumes; return the end. Raises OSError.

    What was meant before of a pause that is on counts no more.
    """
    now = time.time()
    end = math.inf if seconds is None else now + seconds
    _write(data_dir, [*_ended(pauses(data_dir), now), (now, end)])
    return end


def resume(data_dir: str) -> bool:
    """End the pause that is on; return False where there is none. Raises OSError."""
    now = time.time()
    if not paused_until(data_dir):
        return False
    _write(data_dir, _ended(pauses(data_dir), now))
    return True


def seconds_in(text: str) -> float | None:
    """Return how long `30m`, `2h`, `1d` or `1w` is, None for what is no such time."""
    number, unit = text[:-1], _UNITS_S.get(text[-1:])
    if unit is None or not (number.isascii() and number.isdigit()) or not int(number[:9]):
        return None
    return float(int(number[:9]) * unit)


def state_text(end: float) -> str:
    """Return that the hooks are paused, and until when."""
    if math.isinf(end):
        return phrase("paused until you resume")
    is_soon = end - time.time() < _DAY_S / 2
    form = "%H:%M" if is_soon else "%Y-%m-%d %H:%M"
    return phrase("paused until {end}", end=time.strftime(form, time.localtime(end)))


def _ended(kept: list[tuple[float, float]], now: float) -> list[tuple[float, float]]:
    return [(begin, min(end, now)) for begin, end in kept if begin < now]


def _write(data_dir: str, kept: list[tuple[float, float]]) -> None:
    """Write the pauses; beyond a number of them the oldest count as one, with what was between."""
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

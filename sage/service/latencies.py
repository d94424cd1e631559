"""Durations of calls, in the memory of this process: a week, in slots of ten minutes.

Their number is bounded: at most 1,008 slots of 24 counts for each operation. They are lost at a
restart, and each of several workers counts its own calls.
"""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from sage.domain.latency import Latency, LatencyBin, OperationLatency
from sage.domain.validation import validate_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_HOURS = 168
BOUNDS_MS = (
    *(1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0),
    *(500.0, 700.0, 1_000.0, 1_500.0, 2_000.0, 3_000.0, 5_000.0, 10_000.0),
)
_SLOT_S = 600
_MAX_SLOTS = MAX_HOURS * 3600 // _SLOT_S


def _no_counts() -> array[int]:
    return array("L", [0] * (len(BOUNDS_MS) + 1))


@dataclass(slots=True)
class _LatencyWindow:
    """The calls of ten minutes: the number of the slot since 1970, and counts by duration."""

    number: int
    counts: array[int] = field(default_factory=_no_counts)
    max_ms: float = 0.0


class Latencies:
    """Counts calls by operation. The names of operations come from Sage, never from a caller."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._began_at = clock()
        self._slots: dict[str, deque[_LatencyWindow]] = {}

    def observe(self, operation: str, seconds: float) -> None:
        """Count a call that succeeded; it took `seconds`."""
        number = int(self._clock()) // _SLOT_S
        slots = self._slots.setdefault(operation, deque(maxlen=_MAX_SLOTS))
        if not slots or slots[-1].number < number:
            slots.append(_LatencyWindow(number))
        slot, ms = slots[-1], seconds * 1000
        slot.counts[bisect_left(BOUNDS_MS, ms)] += 1
        slot.max_ms = max(slot.max_ms, ms)

    def report(self, hours: int) -> Latency:
        """Return the durations of the calls of the last hours. Raises InvalidInputError."""
        validate_number("hours", hours, 1, MAX_HOURS)
        now = self._clock()
        first = (int(now) - hours * 3600) // _SLOT_S + 1
        since = datetime.fromtimestamp(max(self._began_at, first * _SLOT_S), UTC)
        return Latency(
            hours=hours,
            since=since - timedelta(microseconds=since.microsecond),
            operations=tuple(
                _operation(name, kept)
                for name, slots in sorted(self._slots.items())
                if (kept := [slot for slot in slots if slot.number >= first])
            ),
        )


def _operation(name: str, slots: Sequence[_LatencyWindow]) -> OperationLatency:
    counts = [sum(column) for column in zip(*(slot.counts for slot in slots), strict=True)]
    longest = max(slot.max_ms for slot in slots)
    p50, p95, p99 = (_quantile(counts, part, longest) for part in (0.5, 0.95, 0.99))
    return OperationLatency(
        operation=name,
        count=sum(counts),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=round(longest, 2),
        histogram=tuple(map(LatencyBin, (*BOUNDS_MS, None), counts)),
    )


def _quantile(counts: Sequence[int], part: float, longest: float) -> float:
    """Return the seconds within which a part of the calls ended, between the bounds of a bin."""
    wanted = part * sum(counts)
    sums = [*accumulate(counts)]
    place = bisect_left(sums, wanted)
    low = BOUNDS_MS[place - 1] if place else 0.0
    high = min(BOUNDS_MS[place] if place < len(BOUNDS_MS) else longest, longest)
    before = sums[place - 1] if place else 0
    within = (wanted - before) / counts[place]
    return round(min(low, high) + (high - min(low, high)) * within, 2)

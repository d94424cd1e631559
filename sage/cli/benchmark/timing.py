"""Time single calls."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Call: TypeAlias = Callable[[int], Awaitable[object]]
    """Performs one call; the number selects its arguments."""

_SHARES = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """The latency of calls in milliseconds: minimum, p50 and p95.

    The minimum is least affected by other work on the machine.
    """

    calls: int
    best_ms: float
    p50_ms: float
    p95_ms: float


async def timed(call: Call, number: int) -> float:
    """Return the duration of a call in milliseconds."""
    began = time.perf_counter()
    await call(number)
    return (time.perf_counter() - began) * 1000


def spread_of(taken_ms: Sequence[float]) -> Spread:
    """Return the latency of at least one call, given the durations in milliseconds."""
    longest = quantiles(taken_ms, n=_SHARES, method="inclusive")[-1]
    return Spread(
        len(taken_ms), round(min(taken_ms), 3), round(median(taken_ms), 3), round(longest, 3)
    )

"""Time single calls."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Call: TypeAlias = Callable[[int], Awaitable[object]]
    """Does the work of one call; the number identifies the call."""

_SHARES = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds that the best call, half of the calls and all but a twentieth of them take.

    The best is influenced least by other work on the machine.
    """

    calls: int
    best_ms: float
    p50_ms: float
    p95_ms: float


async def timed(call: Call, number: int) -> float:
    """Make a call and give the milliseconds it took."""
    began = time.perf_counter()
    await call(number)
    return (time.perf_counter() - began) * 1000


def spread_of(taken_ms: Sequence[float]) -> Spread:
    """Sum up the milliseconds that calls took, at least one."""
    longest = quantiles(taken_ms, n=_SHARES, method="inclusive")[-1]
    return Spread(
        len(taken_ms), round(min(taken_ms), 3), round(median(taken_ms), 3), round(longest, 3)
    )

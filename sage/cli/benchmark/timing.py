"""Time single calls beside their floor, and many clients at once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Call: TypeAlias = Callable[[int], Awaitable[object]]
    """Does the work of one call; the number tells calls apart."""

_SHARES = 20


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds that the best call, half of the calls and all but a twentieth of them take.

    The best is what tells least of other work on the machine.
    """

    calls: int
    best_ms: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A call and its floor, taken in turns, and how many times as long as the floor it takes."""

    call: Spread
    floor: Spread
    p50_ratio: float
    p95_ratio: float


async def compare(call: Call, floor: Call, calls: int, first: int = 0) -> Compared:
    """Time a call and its floor in turns, so that both see the same machine."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(first, first + calls):
        for which in (0, 1) if number % 2 else (1, 0):
            taken[which].append(await timed((call, floor)[which], number))
    spread, floor_spread = map(spread_of, taken)
    return Compared(
        spread,
        floor_spread,
        p50_ratio=round(spread.p50_ms / floor_spread.p50_ms, 2),
        p95_ratio=round(spread.p95_ms / floor_spread.p95_ms, 2),
    )


async def calls_per_s(clients: Sequence[Call], seconds: float, first: int = 0) -> float:
    """Let all clients call at once, again and again, for some seconds; count answers a second."""
    began = time.perf_counter()

    async def work(place: int, call: Call) -> int:
        done = 0
        while time.perf_counter() - began < seconds:
            await call(first + place + done * len(clients))
            done += 1
        return done

    counts = await asyncio.gather(*(work(place, call) for place, call in enumerate(clients)))
    return round(sum(counts) / (time.perf_counter() - began), 1)


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

"""Time single calls relative to a floor, and measure throughput."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.cli.benchmark.timing import spread_of, timed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.benchmark.timing import Call, Spread


@dataclass(frozen=True, slots=True)
class Compared:
    """The latency of a call and its floor, timed alternately, and the ratios of the two."""

    call: Spread
    floor: Spread
    p50_ratio: float
    p95_ratio: float


async def compare(call: Call, floor: Call, calls: int, first: int = 0) -> Compared:
    """Time a call and its floor alternately, so that load affects both."""
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
    """Call with all clients concurrently for some seconds; return the calls per second."""
    began = time.perf_counter()

    async def work(place: int, call: Call) -> int:
        done = 0
        while time.perf_counter() - began < seconds:
            await call(first + place + done * len(clients))
            done += 1
        return done

    counts = await asyncio.gather(*(work(place, call) for place, call in enumerate(clients)))
    return round(sum(counts) / (time.perf_counter() - began), 1)

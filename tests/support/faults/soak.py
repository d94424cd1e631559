"""Saves and searches for a long time: memory and descriptors stay flat."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import linear_regression
from typing import TYPE_CHECKING

import httpx
import psutil

from tests.support.faults.client import writing
from tests.support.faults.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.faults.sage_process import Sage

_MEBIBYTE = 2**20
_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Soak:
    """What a long run cost: growth of memory in MiB a minute, and of open descriptors in all."""

    seconds: float
    verdict: Verdict
    failures: tuple[str, ...]
    searches: int
    growth_mib_a_minute: float
    resident_mib: float
    descriptors_before: int
    descriptors_after: int


def soak(  # noqa: PLR0913 - what, where, how long
    sage: Sage,
    dsn: str,
    directory: Path,
    *,
    warm_up_s: float,
    seconds: float,
    progress: Callable[[int], None] = lambda _saves: None,
) -> Soak:
    """Save and search for some seconds, and look at the process every half second.

    What is taken during the warm-up does not count.
    """
    process = psutil.Process(sage.pid)
    searches = 0
    with (
        writing(sage.url, directory) as writer,
        httpx.Client(base_url=sage.url, timeout=30, trust_env=False) as client,
    ):
        began = time.monotonic()
        samples: list[tuple[float, float]] = []
        descriptors: list[int] = []
        told = 0
        while (elapsed := time.monotonic() - began) < warm_up_s + seconds:
            client.post("/api/v1/search", json={"query": "1 and 0", "n": 3}).raise_for_status()
            searches += 1
            if elapsed >= warm_up_s:
                resident = process.memory_info().rss / _MEBIBYTE
                samples.append((elapsed / 60, resident))
                descriptors.append(process.num_fds())
            count = writer.count()
            progress(count - told)
            told = count
            time.sleep(_EVERY_S)
        acknowledged = writer.end()
        failures = tuple(writer.failures())
    third = max(1, len(descriptors) // 3)
    return Soak(
        seconds,
        judge(acknowledged, dsn),
        failures,
        searches,
        linear_regression(*zip(*samples, strict=True)).slope,
        samples[-1][1],
        max(descriptors[:third]),
        max(descriptors[-third:]),
    )

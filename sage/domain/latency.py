"""Durations of the calls of the last hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sage.domain.answer import Answer, doc


@dataclass(frozen=True, slots=True)
class LatencyBin(Answer):
    """The number of calls in one range of durations."""

    up_to_ms: float | None = field(
        metadata=doc(
            "The longest duration in this bin in milliseconds; null for the last bin, which"
            " has no upper bound. Shorter calls are in the bins before it."
        )
    )
    count: int = field(metadata=doc("The number of calls in this bin."))


@dataclass(frozen=True, slots=True)
class OperationLatency(Answer):
    """The durations of the calls of one tool, through any interface."""

    operation: str = field(metadata=doc("The tool, or `recall` for recall by hooks."))
    count: int = field(metadata=doc("The number of successful calls."))
    p50_ms: float = field(
        metadata=doc("The median duration in milliseconds, derived from the histogram.")
    )
    p95_ms: float = field(metadata=doc("The 95th percentile of the durations in milliseconds."))
    p99_ms: float = field(metadata=doc("The 99th percentile of the durations in milliseconds."))
    max_ms: float = field(metadata=doc("The longest duration in milliseconds."))
    histogram: tuple[LatencyBin, ...] = field(metadata=doc("All bins, in order of duration."))


@dataclass(frozen=True, slots=True)
class Latency(Answer):
    """The durations of calls, as measured by the process that answers."""

    hours: int = field(metadata=doc("The requested number of hours."))
    since: datetime = field(
        metadata=doc(
            "Start of the measured period, UTC; later than requested if this process started later."
        )
    )
    operations: tuple[OperationLatency, ...] = field(
        metadata=doc("The tools that were called, ordered by name.")
    )

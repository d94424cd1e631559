"""Durations of the calls of the last hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sage.domain.answer import Answer, doc


@dataclass(frozen=True, slots=True)
class LatencyBin(Answer):
    """Calls of about one duration."""

    up_to_ms: float | None = field(
        metadata=doc("They took at most so long, and longer than those before; null: any longer.")
    )
    count: int = field(metadata=doc("How many calls."))


@dataclass(frozen=True, slots=True)
class OperationLatency(Answer):
    """How long the calls of one tool took, by whatever door."""

    operation: str = field(metadata=doc("The tool, or `recall` for what hooks recall."))
    count: int = field(metadata=doc("How many calls ended well."))
    p50_ms: float = field(metadata=doc("Half of them took at most so long, read from the bins."))
    p95_ms: float = field(metadata=doc("19 of 20 took at most so long."))
    p99_ms: float = field(metadata=doc("99 of 100 took at most so long."))
    max_ms: float = field(metadata=doc("The longest took so long."))
    histogram: tuple[LatencyBin, ...] = field(metadata=doc("All bins, the shortest first."))


@dataclass(frozen=True, slots=True)
class Latency(Answer):
    """How long calls took, as the process that answers has seen it."""

    hours: int = field(metadata=doc("For how many hours was asked."))
    since: datetime = field(
        metadata=doc("Since when calls are counted, UTC: later where this process began later.")
    )
    operations: tuple[OperationLatency, ...] = field(
        metadata=doc("The tools that were called, by name.")
    )

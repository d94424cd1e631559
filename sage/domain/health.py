"""The health of Sage, of its parts and of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Status(StrEnum):
    """How well a part, or the whole, works."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Check:
    """The state of one part. `detail` never holds a secret, a host or a password."""

    status: Status
    latency_ms: float
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the whole in one look."""

    status: Status
    version: str
    timestamp: datetime
    database: Status
    memory_count: int | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether calls can be answered now, and the reason when not."""

    ready: bool
    reason: str


@dataclass(frozen=True, slots=True)
class DetailedHealth:
    """The state of each part, of the machine and of the container around it."""

    health: Health
    checks: Mapping[str, Check]
    system: Mapping[str, Mapping[str, float]]
    container: Mapping[str, object]

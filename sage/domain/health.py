"""What Sage says of its own state, and from where on it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MIN_FREE_BYTES = 256 * 1024 * 1024
"""What PostgreSQL needs of a disk to work."""

MAX_QUEUE_AGE_S = 300.0
"""How long a memory waits for its vectors while all is well."""


class Status(StrEnum):
    """How well a part, or the whole, works."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found, what to do about it, and which variable is about it, if one is."""

    status: Status
    detail: str
    hint: str = ""
    variable: str = ""
    latency_ms: float = 0.0

    @classmethod
    def healthy(cls, detail: str) -> CheckResult:
        """Return that nothing is wrong."""
        return cls(Status.HEALTHY, detail)

    @classmethod
    def degraded(cls, detail: str, hint: str = "", variable: str = "") -> CheckResult:
        """Return that Sage works, but not as well as it could."""
        return cls(Status.DEGRADED, detail, hint, variable)

    @classmethod
    def unhealthy(cls, detail: str, hint: str = "", variable: str = "") -> CheckResult:
        """Return that Sage cannot work."""
        return cls(Status.UNHEALTHY, detail, hint, variable)


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
    """The state of each part, of the machine and of the container around it.

    Details of `checks` hold no secret, host or password.
    """

    health: Health
    checks: Mapping[str, CheckResult]
    system: Mapping[str, Mapping[str, float]]
    container: Mapping[str, object]

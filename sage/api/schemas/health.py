"""What the probes answer. None of it holds a secret, a host or a password."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - pydantic reads the annotation
from typing import Any

from pydantic import Field

from sage.api.schemas.results import Result
from sage.domain.health import Status  # noqa: TC001 - pydantic reads the annotation


class HealthReport(Result):
    """The state of the whole."""

    status: Status = Field(description="`degraded`: works, but not with all its parts.")
    version: str = Field(description="The release of Sage.")
    timestamp: datetime = Field(description="When this was looked at, UTC.")
    database: Status = Field(description="Whether the database answers.")
    memory_count: int | None = Field(
        description="Messages kept; null while unknown, and without the token if one is set."
    )


class CheckReport(Result):
    """The state of one part."""

    status: Status = Field(description="The state of this part.")
    latency_ms: float = Field(description="How long the look took.")
    detail: str = Field(description="What was seen.")


class DetailedHealthReport(HealthReport):
    """The state of each part, of the machine and of the container around it."""

    checks: dict[str, CheckReport] = Field(description="One entry a part.")
    system: dict[str, dict[str, float]] = Field(description="cpu, memory, disk.")
    container: dict[str, Any] = Field(description="detected, runtime, evidence.")


class ReadinessReport(Result):
    """Whether calls can be answered now."""

    ready: bool = Field(description="True when the database answers and its schema is current.")
    reason: str = Field(description="Why not, when not.")

"""The health of Sage and its parts, and from which values on it is degraded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sage.domain.answer import Answer, doc, optional
from sage.domain.sent_phrases import PHRASES, SentPhrase, sent_with

MIN_FREE_BYTES = 256 * 1024 * 1024
"""The disk space that PostgreSQL needs to work."""

MAX_QUEUE_AGE_S = 300.0
"""The longest time that a memory waits for its vectors in normal operation."""


Figures: TypeAlias = Mapping[str, float]
"""Numbers by their names."""


class Status(StrEnum):
    """The health of a part, or of the whole."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check, how to fix a problem, and the variable to change, if there is one.

    `code` is a name of the result, and `figures` are its numbers, for programs.
    """

    status: Status
    detail: str
    hint: str = ""
    variable: str = ""
    latency_ms: float = 0.0
    code: str = ""
    figures: Figures = field(default_factory=dict)

    @classmethod
    def healthy(
        cls, detail: str, *, code: str = "well", figures: Figures | None = None
    ) -> CheckResult:
        """Return the result that nothing is wrong."""
        return cls(Status.HEALTHY, detail, code=code, figures=figures or {})

    @classmethod
    def degraded(
        cls,
        detail: str,
        hint: str = "",
        variable: str = "",
        *,
        code: str = "impaired",
        figures: Figures | None = None,
    ) -> CheckResult:
        """Return the result that Sage works, but not as well as it could."""
        return cls(Status.DEGRADED, detail, hint, variable, code=code, figures=figures or {})

    @classmethod
    def unhealthy(
        cls,
        detail: str,
        hint: str = "",
        variable: str = "",
        *,
        code: str = "failed",
        figures: Figures | None = None,
    ) -> CheckResult:
        """Return the result that Sage cannot work."""
        return cls(Status.UNHEALTHY, detail, hint, variable, code=code, figures=figures or {})


@dataclass(frozen=True, slots=True)
class CheckReport(Answer):
    """The state of one part."""

    status: Status = field(metadata=doc("The state of this part."))
    latency_ms: float = field(metadata=doc("The duration of the check in milliseconds."))
    detail: str = field(metadata=doc("The result of the check in words."))
    code: str = field(
        default="well",
        metadata=doc("A stable identifier of the result, unique within the check."),
    )
    figures: Figures = field(
        default_factory=dict,
        metadata=doc("The numbers in the result, such as `pending` or `age_s`."),
    )
    hint: str = field(default="", metadata=doc("How to fix the problem; empty if there is none."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrases from which the texts are made."""
        object.__setattr__(self, "phrases", sent_with(detail=self.detail, hint=self.hint))


@dataclass(frozen=True, slots=True)
class Health(Answer):
    """The overall state of Sage."""

    status: Status = field(
        metadata=doc("The overall state. `degraded`: Sage works, but some parts do not.")
    )
    version: str = field(metadata=doc("The version of Sage."))
    timestamp: datetime = field(metadata=doc("When the state was checked, UTC."))
    database: Status = field(metadata=doc("The state of the database."))
    memory_count: int | None = field(
        metadata=doc(
            "The number of stored messages; null if unknown, or if a token is required and missing."
        )
    )


@dataclass(frozen=True, slots=True)
class DetailedHealth(Health):
    """The state of each part, of the machine and of its container."""

    checks: Mapping[str, CheckReport] = field(
        metadata=doc("The result of each check, by the name of the part.")
    )
    system: Mapping[str, Mapping[str, float]] = field(
        metadata=doc("Figures of the machine: `cpu`, `memory` and `disk`.")
    )
    container: Mapping[str, object] = field(
        metadata=doc("Whether Sage runs in a container: `detected`, `runtime` and `evidence`.")
    )


class ReadinessState(StrEnum):
    """Whether Sage can answer calls, or what has to happen first."""

    READY = "ready"
    WAITING = "waiting"
    UPGRADING = "upgrading"
    FAILED = "failed"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Readiness(Answer):
    """Whether calls can be answered now."""

    ready: bool = field(metadata=doc("True if the database responds and its schema is current."))
    reason: str = field(metadata=doc("Why Sage is not ready; empty if it is."))
    state: ReadinessState = field(
        metadata=doc(
            "`ready`; `waiting`: may pass without intervention; `upgrading`: the database of"
            " an earlier release is being backed up and migrated; `failed`: needs"
            " intervention; `stopping`: Sage is shutting down and answers the last calls."
        )
    )
    hint: str = field(
        default="",
        metadata=doc("How to fix the problem, if it does not pass without intervention."),
    )
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrases from which the texts are made."""
        sent = sent_with(reason=self.reason, hint=self.hint)
        object.__setattr__(self, "phrases", sent)

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
    """How well a part, or the whole, works."""

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
    latency_ms: float = field(metadata=doc("How long the look took."))
    detail: str = field(metadata=doc("What was seen."))
    code: str = field(
        default="well",
        metadata=doc("A name for what was seen, which stays; the check says what it is about."),
    )
    figures: Figures = field(
        default_factory=dict, metadata=doc("The numbers in it, such as `pending` or `age_s`.")
    )
    hint: str = field(default="", metadata=doc("What to do about it; empty for nothing."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrases from which the texts are made."""
        object.__setattr__(self, "phrases", sent_with(detail=self.detail, hint=self.hint))


@dataclass(frozen=True, slots=True)
class Health(Answer):
    """The state of the whole."""

    status: Status = field(metadata=doc("`degraded`: works, but not with all its parts."))
    version: str = field(metadata=doc("The release of Sage."))
    timestamp: datetime = field(metadata=doc("When this was looked at, UTC."))
    database: Status = field(metadata=doc("Whether the database answers."))
    memory_count: int | None = field(
        metadata=doc("Messages kept; null while unknown, and without the token if one is set.")
    )


@dataclass(frozen=True, slots=True)
class DetailedHealth(Health):
    """The state of each part, of the machine and of the container around it."""

    checks: Mapping[str, CheckReport] = field(metadata=doc("One entry a part."))
    system: Mapping[str, Mapping[str, float]] = field(metadata=doc("cpu, memory, disk."))
    container: Mapping[str, object] = field(metadata=doc("detected, runtime, evidence."))


class ReadinessState(StrEnum):
    """Whether calls can be answered, or what has to happen before."""

    READY = "ready"
    WAITING = "waiting"
    UPGRADING = "upgrading"
    FAILED = "failed"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Readiness(Answer):
    """Whether calls can be answered now."""

    ready: bool = field(metadata=doc("True when the database answers and its schema is current."))
    reason: str = field(metadata=doc("Why not, when not."))
    state: ReadinessState = field(
        metadata=doc(
            "`ready`; `waiting`: it may pass by itself; `upgrading`: the database of an earlier "
            "release is backed up and migrated; `failed`: somebody has to do something; "
            "`stopping`: it was told to end, and answers the last calls."
        )
    )
    hint: str = field(default="", metadata=doc("What to do, where it does not pass by itself."))
    phrases: Mapping[str, SentPhrase] = field(
        default_factory=dict, init=False, compare=False, metadata=optional(PHRASES)
    )

    def __post_init__(self) -> None:
        """Add the phrases from which the texts are made."""
        sent = sent_with(reason=self.reason, hint=self.hint)
        object.__setattr__(self, "phrases", sent)

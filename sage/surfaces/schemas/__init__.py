"""What the tools take and give: one set of models for MCP and REST, and the published schemas."""

from sage.surfaces.schemas.arguments import (
    ForgetArguments,
    MessageArguments,
    NoArguments,
    SaveArguments,
)
from sage.surfaces.schemas.health import DetailedHealthReport, HealthReport, ReadinessReport
from sage.surfaces.schemas.questions import ContextArguments, SearchArguments
from sage.surfaces.schemas.results import (
    ContextResult,
    ForgetResult,
    KeptMemory,
    MemoryRecord,
    ProblemDetails,
    Result,
    SaveResult,
    SearchResult,
    SessionRecord,
    StatsResult,
)
from sage.surfaces.schemas.strictness import Arguments, explain_invalid

__all__ = [
    "Arguments",
    "ContextArguments",
    "ContextResult",
    "DetailedHealthReport",
    "ForgetArguments",
    "ForgetResult",
    "HealthReport",
    "KeptMemory",
    "MemoryRecord",
    "MessageArguments",
    "NoArguments",
    "ProblemDetails",
    "ReadinessReport",
    "Result",
    "SaveArguments",
    "SaveResult",
    "SearchArguments",
    "SearchResult",
    "SessionRecord",
    "StatsResult",
    "explain_invalid",
]

"""What the tools take and give: one set of models for MCP and REST, and the published schemas."""

from sage.api.schemas.health import DetailedHealthReport, HealthReport, ReadinessReport
from sage.api.schemas.results import (
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
from sage.api.schemas.save_arguments import (
    ForgetArguments,
    MessageArguments,
    NoArguments,
    SaveArguments,
)
from sage.api.schemas.search_arguments import ContextArguments, SearchArguments
from sage.api.schemas.strict import Arguments, explain_invalid

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

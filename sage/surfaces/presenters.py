"""From the domain's words to those of a surface: results, problem details, tool errors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mcp_types import CallToolResult, TextContent
from starlette.responses import JSONResponse

from sage import errors
from sage.logs import request_id
from sage.surfaces.schemas import results
from sage.surfaces.schemas.health import (
    CheckReport,
    DetailedHealthReport,
    HealthReport,
    ReadinessReport,
)
from sage.surfaces.schemas.strictness import encodable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.domain import health, memories, searching


@dataclass(frozen=True, slots=True)
class Translation:
    """How HTTP speaks of a kind of error. `retry_after_s` is None where trying again is no use."""

    status: int
    kind: str
    title: str
    retry_after_s: int | None = None


TRANSLATIONS: Mapping[type[errors.SageError], Translation] = {
    errors.SageError: Translation(500, "failure", "Sage failed"),
    errors.InvalidInputError: Translation(422, "invalid-input", "An argument is wrong"),
    errors.NotFoundError: Translation(404, "not-found", "There is no such thing"),
    errors.ConflictError: Translation(409, "conflict", "The key was used for another save"),
    errors.ConfigurationError: Translation(500, "configuration", "Sage is configured wrongly"),
    errors.StartupError: Translation(503, "startup", "Sage cannot start", 5),
    errors.StoreError: Translation(500, "store", "The database refused"),
    errors.StoreUnavailableError: Translation(
        503, "store-unavailable", "The database does not answer", 1
    ),
    errors.SchemaError: Translation(503, "schema", "The database's schema does not fit", 5),
    errors.ProviderError: Translation(502, "provider", "A model provider failed"),
    errors.ProviderUnavailableError: Translation(
        503, "provider-unavailable", "A model provider does not answer", 5
    ),
    errors.ProviderRejectedError: Translation(502, "provider-rejected", "A model provider refused"),
}


class ProblemResponse(JSONResponse):
    """An answer of media type application/problem+json (RFC 9457)."""

    media_type = "application/problem+json"


def problem_response(  # noqa: PLR0913 - the members of RFC 9457 and what goes with them
    status: int,
    kind: str,
    title: str,
    *,
    detail: str,
    hint: str,
    field: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Build a problem answer; whatever text comes in, it can be encoded."""
    problem = results.ProblemDetails(
        type=f"urn:sage:problem:{kind}",
        title=title,
        status=status,
        detail=encodable(detail),
        hint=encodable(hint),
        field=None if field is None else encodable(field),
        request_id=request_id.get(),
    )
    return ProblemResponse(
        problem.model_dump(exclude_none=True),
        status_code=status,
        headers=None if headers is None else dict(headers),
    )


def present_error(error: errors.SageError) -> ProblemResponse:
    """Say over HTTP what went wrong and what to do."""
    row = next(TRANSLATIONS[kind] for kind in type(error).__mro__ if kind in TRANSLATIONS)
    retry = {} if row.retry_after_s is None else {"retry-after": str(row.retry_after_s)}
    return problem_response(
        row.status,
        row.kind,
        row.title,
        detail=error.message,
        hint=error.hint or "look into the log of Sage for this request id",
        field=error.field if isinstance(error, errors.InvalidInputError) else None,
        headers=retry,
    )


def tell_error(error: errors.SageError) -> str:
    """Say in one line what went wrong and what to do, for a model to correct itself by."""
    message = error.message if error.message.endswith(".") else f"{error.message}."
    return encodable(f"{message} Fix: {error.hint}." if error.hint else message)


def present_tool_error(text: str) -> CallToolResult:
    """Answer a tool call with an error the model reads."""
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def present_save(receipt: memories.SaveReceipt) -> results.SaveResult:
    """Show what became of a save."""
    return results.SaveResult(
        session_id=receipt.session_id,
        memory_ids=list(receipt.memory_ids),
        saved=receipt.saved,
        indexed=receipt.indexed,
    )


def present_search(answer: searching.SearchAnswer) -> results.SearchResult:
    """Show hits, best first."""
    return results.SearchResult(
        results=[_found(hit) for hit in answer.hits], degraded=_degraded(answer.degraded)
    )


def present_context(answer: searching.ContextAnswer) -> results.ContextResult:
    """Show the text and what it is made of."""
    return results.ContextResult(
        context=answer.context,
        memories=[_found(hit) for hit in answer.memories],
        tokens=answer.tokens,
        degraded=_degraded(answer.degraded),
    )


def present_stats(stats: memories.MemoryStats) -> results.StatsResult:
    """Show what a space holds."""
    return results.StatsResult.model_validate(asdict(stats))


def present_forget(receipt: memories.ForgetReceipt) -> results.ForgetResult:
    """Show how many memories changed."""
    return results.ForgetResult.model_validate(asdict(receipt))


def present_memory(memory: memories.Memory) -> results.KeptMemory:
    """Show one memory with its metadata."""
    return results.KeptMemory(**_record(memory), metadata=dict(memory.metadata))


def present_session(session_id: str, kept: tuple[memories.Memory, ...]) -> results.SessionRecord:
    """Show a session in its order."""
    return results.SessionRecord(
        session_id=session_id, memories=[present_memory(memory) for memory in kept]
    )


def present_health(state: health.Health) -> HealthReport:
    """Show the whole in one look."""
    return HealthReport.model_validate(asdict(state))


def present_detailed_health(state: health.DetailedHealth) -> DetailedHealthReport:
    """Show every part."""
    return DetailedHealthReport(
        **asdict(state.health),
        checks={name: CheckReport.model_validate(asdict(c)) for name, c in state.checks.items()},
        system={name: dict(figures) for name, figures in state.system.items()},
        container=dict(state.container),
    )


def present_readiness(state: health.Readiness) -> ReadinessReport:
    """Show whether calls can be answered."""
    return ReadinessReport(ready=state.ready, reason=state.reason)


def _found(hit: searching.Hit) -> results.FoundMemory:
    return results.FoundMemory(**_record(hit.memory), score=hit.score, signals=dict(hit.signals))


def _record(memory: memories.Memory) -> dict[str, Any]:
    return {
        "memory_id": memory.memory_id,
        "session_id": memory.session_id,
        "role": memory.role,
        "name": memory.name,
        "content": memory.content,
        "created_at": memory.created_at,
    }


def _degraded(parts: tuple[searching.Degradation, ...]) -> list[results.DegradedPart]:
    return [results.DegradedPart(part=part.part, reason=part.reason) for part in parts]

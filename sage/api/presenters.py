"""From the domain's words to those of a surface: what the tools and probes answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sage.api.schemas import results
from sage.api.schemas.health import (
    CheckReport,
    DetailedHealthReport,
    HealthReport,
    ReadinessReport,
)

if TYPE_CHECKING:
    from sage.domain import health, memories, searching


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


def present_health(state: health.Health) -> HealthReport:
    """Show the whole in one look."""
    return HealthReport.model_validate(asdict(state))


def present_detailed_health(state: health.DetailedHealth) -> DetailedHealthReport:
    """Show every part."""
    return DetailedHealthReport(
        **asdict(state.health),
        checks={
            name: CheckReport(status=check.status, latency_ms=check.latency_ms, detail=check.detail)
            for name, check in state.checks.items()
        },
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

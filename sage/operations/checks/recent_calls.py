"""Check a running Sage by its last calls, without calling a model, which may cost money."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.health import CheckResult
from sage.operations.checks.database import queue_result, replica_result, with_index_build
from sage.phrases import as_phrase, phrase
from sage.store.queue import queue_stats
from sage.store.vector_indexes import read_index_build

if TYPE_CHECKING:
    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer
    from sage.operations.checks.context import RunningContext


async def schema(context: RunningContext) -> CheckResult:
    """Report whether the database has the schema of this release."""
    gate = context.schema_gate
    if gate.is_open:
        return CheckResult.healthy("up to date", code="current")
    if gate.failure is None:
        return CheckResult.unhealthy("not known yet", code="unknown")
    return CheckResult.unhealthy(gate.failure.message, gate.failure.hint, code="other")


async def embedding(context: RunningContext) -> CheckResult:
    """Report whether searches use meaning, or only words."""
    embedder, advice = context.active_model.embedder, context.active_model.advice
    model = embedder.model
    problem = embedder.last_error or (
        "" if embedder.ready else phrase("{name} is not ready", name=model.name)
    )
    if problem:
        return CheckResult.degraded(
            phrase("{trouble}; searches use keywords only for now", trouble=problem),
            advice,
            code="words_only",
        )
    detail = phrase("{name}, {dimensions} dimensions", name=model.name, dimensions=model.dimensions)
    return CheckResult.healthy(
        phrase("{detail}; {advice}", detail=detail, advice=advice) if advice else detail,
        code="other_model_configured" if advice else "ready",
        figures={"dimensions": model.dimensions},
    )


async def reranker(context: RunningContext) -> CheckResult:
    """Report the outcome of the reranker's last call."""
    return _last_call(context.reranker)


async def summary(context: RunningContext) -> CheckResult:
    """Report the outcome of the summarizer's last call."""
    return _last_call(context.summarizer)


async def queue(context: RunningContext) -> CheckResult:
    """Report the recent length and age of the queue, and how many memories are unclassified.

    The queue of a space is counted now, without its age.
    """
    if context.counted_space is not None:
        async with context.opened().across_spaces() as conn:
            space_id = context.counted_space
            build = await read_index_build(conn, space_id)
            return with_index_build(queue_result(await queue_stats(conn, space_id), 0.0), build)
    await context.counts.refresh()
    counts = context.counts
    result = with_index_build(queue_result(counts.queue, counts.queue_age_s), counts.index_build)
    if context.schema_gate.is_open:
        await context.counts.refresh_unclassified()
        if unclassed := context.counts.unclassed:
            detail = phrase(
                "{detail}; {unclassed:,} to be classified",
                detail=as_phrase(result.detail),
                unclassed=unclassed,
            )
            figures = {**result.figures, "unclassed": unclassed}
            return replace(result, detail=detail, figures=figures)
    return result


async def replica(context: RunningContext) -> CheckResult | None:
    """Report the lag of the replica; None if none is configured."""
    if context.replica is None:
        return None
    return replica_result(await context.replica.progress())


def _last_call(model: Reranker | Summarizer | None) -> CheckResult:
    if model is None:
        return CheckResult.healthy("none is configured", code="none")
    if model.last_error:
        return CheckResult.degraded(
            phrase("{last_error}; skipped for now", last_error=model.last_error),
            code="last_call_failed",
        )
    return CheckResult.healthy(model.name, code="ready")

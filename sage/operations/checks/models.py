"""Check the models, by sending each a sentence of Sage's own."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sage.domain.embedding import PROBE_TEXT
from sage.domain.health import CheckResult
from sage.domain.summarizing import SummaryTurn
from sage.errors import SageError
from sage.phrases import phrase
from sage.providers import registry
from sage.service.summarizer import open_summarizer
from sage.store.active_model import find_active_model

if TYPE_CHECKING:
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.operations.checks.context import CheckContext

_PROBE_TOKENS = 16


async def provider(context: CheckContext) -> CheckResult:
    """Name the configured provider. Raises ConfigurationError."""
    chosen = context.settings.embedding.provider
    model = registry.open_embedder(context.settings).model
    return CheckResult.healthy(
        phrase("{provider} (EMBEDDING_PROVIDER={chosen})", provider=model.provider, chosen=chosen)
    )


async def active_model(context: CheckContext) -> CheckResult | None:
    """Test the model that answers; before there are vectors, the configured one."""
    active = await _find_active(context)
    configured = registry.configured_model(context.settings)
    if active is not None and active != configured:
        return await _ask(registry.reopen_embedder(context.settings, active))
    return None if configured is None else await _ask(registry.open_embedder(context.settings))


async def next_model(context: CheckContext) -> CheckResult | None:
    """Test the configured model while another one still answers."""
    active = await _find_active(context)
    if active is None or registry.configured_model(context.settings) in {None, active}:
        return None
    return await _ask(registry.open_embedder(context.settings))


async def reranker(context: CheckContext) -> CheckResult:
    """Score a sentence."""
    opened = registry.open_reranker(context.settings)
    if opened is None:
        return CheckResult.healthy(
            phrase(
                "none (RERANKER_PROVIDER={provider})", provider=context.settings.reranker.provider
            )
        )
    try:
        await opened.score(PROBE_TEXT, [PROBE_TEXT])
    finally:
        await opened.close()
    return CheckResult.healthy(phrase("{name}, the key is accepted", name=opened.name))


async def summary(context: CheckContext) -> CheckResult:
    """Summarize a sentence."""
    opened = open_summarizer(context.settings)
    if opened is None:
        return CheckResult.healthy(
            phrase("none (SUMMARY_PROVIDER={provider})", provider=context.settings.summary.provider)
        )
    try:
        await opened.summarize(PROBE_TEXT, [SummaryTurn("doctor", PROBE_TEXT)], _PROBE_TOKENS)
    finally:
        await opened.close()
    if opened.is_local:
        return CheckResult.healthy("extractive (no language model)")
    return CheckResult.healthy(phrase("{name}, the key is accepted", name=opened.name))


async def _find_active(context: CheckContext) -> EmbeddingModel | None:
    if context.database is None:
        return None
    with suppress(SageError):
        async with context.database.across_spaces() as conn:
            stored = await find_active_model(conn)
            return None if stored is None else stored.model
    return None


async def _ask(embedder: Embedder) -> CheckResult:
    """Load the model and embed a sentence."""
    try:
        await embedder.start()
        vector = await embedder.embed_query(PROBE_TEXT)
    finally:
        await embedder.close()
    model = embedder.model
    if vector.shape != (model.dimensions,):
        return CheckResult.unhealthy(
            phrase("{name} returns {shape} dimensions", name=model.name, shape=vector.shape[-1]),
            phrase("set EMBEDDING_DIMENSIONS={shape}", shape=vector.shape[-1]),
            "EMBEDDING_DIMENSIONS",
        )
    return CheckResult.healthy(
        phrase("{name}, {dimensions} dimensions", name=model.name, dimensions=model.dimensions)
    )

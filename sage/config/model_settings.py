"""The settings of models: embeddings, reranking and summaries."""

from __future__ import annotations

from sage.config.choices import EmbeddingProvider, RerankerProvider, SummaryProvider
from sage.config.setting import Credential, SettingGroup, WebAddress, setting
from sage.phrases import phrase


class EmbeddingSettings(SettingGroup, title=phrase("Embedding")):
    """The embedding model."""

    provider: EmbeddingProvider = setting(
        "EMBEDDING_PROVIDER",
        "Provider of embeddings. `auto`: SiliconFlow if its key is set, else local; `openai`: "
        "any server compatible with the OpenAI API.",
        default=EmbeddingProvider.AUTO,
    )
    model: str | None = setting(
        "EMBEDDING_MODEL",
        "Name of the model. Default: the provider's.",
        default=None,
        example="BAAI/bge-m3",
    )
    dimensions: int | None = setting(
        "EMBEDDING_DIMENSIONS",
        "Dimensions of the vectors. Default: the model's; required for models unknown to Sage.",
        default=None,
        ge=16,
        le=4000,
        example="1024",
    )
    base_url: WebAddress | None = setting(
        "EMBEDDING_BASE_URL",
        "Base URL of the `openai` provider, including the version path; also used for summaries.",
        default=None,
        example="http://127.0.0.1:8080/v1",
    )
    api_key: Credential | None = setting(
        "EMBEDDING_API_KEY", "API key of the `openai` provider.", default=None
    )


class RerankerSettings(SettingGroup, title=phrase("Reranker")):
    """The model that reranks hits."""

    provider: RerankerProvider = setting(
        "RERANKER_PROVIDER",
        "Provider of the model that reranks search results. `auto`: SiliconFlow if its key is "
        "set, else none.",
        default=RerankerProvider.AUTO,
    )
    model: str | None = setting(
        "RERANKER_MODEL",
        "Name of the model. Default: the provider's.",
        default=None,
        example="BAAI/bge-reranker-v2-m3",
    )


class SummarySettings(SettingGroup, title=phrase("Summary")):
    """The model that summarizes memories."""

    provider: SummaryProvider = setting(
        "SUMMARY_PROVIDER",
        "Provider of summaries. `auto`: SiliconFlow if its key is set, else extractive; "
        "`extractive`: selected sentences, without a language model; `openai`: the server at "
        "EMBEDDING_BASE_URL.",
        default=SummaryProvider.AUTO,
    )
    model: str | None = setting(
        "SUMMARY_MODEL",
        "Name of the chat model. Default: the provider's.",
        default=None,
        example="Qwen/Qwen3-8B",
    )


class SiliconFlowSettings(SettingGroup, title=phrase("SiliconFlow")):
    """The SiliconFlow account."""

    api_key: Credential | None = setting(
        "SILICONFLOW_API_KEY", "API key of the SiliconFlow account.", default=None
    )
    base_url: WebAddress = setting(
        "SILICONFLOW_BASE_URL",
        "Base URL of the SiliconFlow API.",
        default="https://api.siliconflow.cn/v1",
        example="https://api.siliconflow.com/v1",
    )

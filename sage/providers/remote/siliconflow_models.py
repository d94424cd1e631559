"""The models that SiliconFlow serves, by the address of its API."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Models:
    """The default models of a catalogue."""

    embedding: str
    reranker: str
    chat: str


_CN_MODELS = Models("BAAI/bge-m3", "BAAI/bge-reranker-v2-m3", "Qwen/Qwen3-8B")
_COM_MODELS = Models("Qwen/Qwen3-Embedding-0.6B", "Qwen/Qwen3-Reranker-0.6B", "Qwen/Qwen3-8B")


def default_models(base_url: str) -> Models:
    """Return the default models; the international catalogue has only Qwen3 embedders.

    Source: https://docs.siliconflow.com/en/api-reference/embeddings/create-embeddings.
    """
    host = urlsplit(base_url).hostname or ""
    return _COM_MODELS if host.endswith("siliconflow.com") else _CN_MODELS

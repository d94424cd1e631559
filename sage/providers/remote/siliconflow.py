"""What is SiliconFlow's own: which models it serves where."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Models:
    """The models used when a configuration names none."""

    embedding: str
    reranker: str
    chat: str


_OF_CN = Models("BAAI/bge-m3", "BAAI/bge-reranker-v2-m3", "Qwen/Qwen3-8B")
_OF_COM = Models("Qwen/Qwen3-Embedding-0.6B", "Qwen/Qwen3-Reranker-0.6B", "Qwen/Qwen3-8B")


def default_models(base_url: str) -> Models:
    """Choose by the address: the international catalogue has embedders of Qwen3 alone.

    Source: https://docs.siliconflow.com/en/api-reference/embeddings/create-embeddings.
    """
    host = urlsplit(base_url).hostname or ""
    return _OF_COM if host.endswith("siliconflow.com") else _OF_CN

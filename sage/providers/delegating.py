"""An embedder that wraps another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors


class DelegatingEmbedder:
    """Delegates every call to the wrapped embedder; a subclass overrides what it changes."""

    def __init__(self, wrapped: Embedder) -> None:
        self.wrapped = wrapped

    @property
    def model(self) -> EmbeddingModel:
        """The model of the wrapped embedder."""
        return self.wrapped.model

    @property
    def max_chars(self) -> int:
        """The longest text of the wrapped embedder, in characters."""
        return self.wrapped.max_chars

    @property
    def is_local(self) -> bool:
        """Whether the wrapped embedder runs on this machine."""
        return self.wrapped.is_local

    @property
    def may_change(self) -> bool:
        """Whether the wrapped embedder may serve another model under the same name later."""
        return self.wrapped.may_change

    @property
    def ready(self) -> bool:
        """Whether the wrapped embedder is ready."""
        return self.wrapped.ready

    @property
    def last_error(self) -> str:
        """The last error of the wrapped embedder."""
        return self.wrapped.last_error

    def has_word(self, word: str) -> bool:
        """Return whether the model of the wrapped embedder has a word as a single token."""
        return self.wrapped.has_word(word)

    async def start(self) -> None:
        """Start the wrapped embedder."""
        await self.wrapped.start()

    async def embed_query(self, text: str) -> Vectors:
        """Embed a question. Raises ProviderError."""
        return await self.wrapped.embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts. Raises ProviderError."""
        return await self.wrapped.embed_passages(texts)

    async def close(self) -> None:
        """Close the wrapped embedder."""
        await self.wrapped.close()

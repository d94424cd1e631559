"""An embedder that stands in front of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors


class DelegatingEmbedder:
    """Passes everything on to `behind`; a subclass changes what it is there for."""

    def __init__(self, behind: Embedder) -> None:
        self.behind = behind

    @property
    def model(self) -> EmbeddingModel:
        """The space of the embedder behind."""
        return self.behind.model

    @property
    def max_chars(self) -> int:
        """The window of the embedder behind."""
        return self.behind.max_chars

    @property
    def is_local(self) -> bool:
        """Whether the embedder behind works on this machine."""
        return self.behind.is_local

    @property
    def may_change(self) -> bool:
        """Whether the embedder behind may come to make other vectors."""
        return self.behind.may_change

    @property
    def ready(self) -> bool:
        """Whether the embedder behind is."""
        return self.behind.ready

    @property
    def last_error(self) -> str:
        """What troubles the embedder behind."""
        return self.behind.last_error

    async def start(self) -> None:
        """Start the embedder behind."""
        await self.behind.start()

    async def embed_query(self, text: str) -> Vectors:
        """Have a question embedded. Raises ProviderError."""
        return await self.behind.embed_query(text)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Have texts embedded. Raises ProviderError."""
        return await self.behind.embed_passages(texts)

    async def close(self) -> None:
        """Close the embedder behind."""
        await self.behind.close()

"""Remember the vectors of questions: the same ones are asked again and again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors

_MAX_BYTES = 8 * 1024 * 1024


class CachingEmbedder:
    """Stands in front of any embedder and answers questions it has seen lately itself.

    Holds at most 8 MiB of vectors, those used longest ago go first. Passages are not kept.
    """

    def __init__(self, embedder: Embedder, *, most_bytes: int = _MAX_BYTES) -> None:
        self.behind = embedder
        self._most = max(1, most_bytes // (4 * embedder.model.dimensions))
        self._kept: OrderedDict[tuple[EmbeddingModel, str], Vectors] = OrderedDict()

    @property
    def model(self) -> EmbeddingModel:
        """The space of the embedder behind."""
        return self.behind.model

    @property
    def max_chars(self) -> int:
        """The window of the embedder behind."""
        return self.behind.max_chars

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
        """Return the vector kept for a question, or ask for it; it cannot be written to.

        Raises ProviderError.
        """
        key = (self.model, text)
        vector = self._kept.get(key)
        if vector is None:
            vector = await self.behind.embed_query(text)
            vector.flags.writeable = False
            self._kept[key] = vector
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return vector

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Let the embedder behind embed texts. Raises ProviderError."""
        return await self.behind.embed_passages(texts)

    async def close(self) -> None:
        """Close the embedder behind."""
        await self.behind.close()

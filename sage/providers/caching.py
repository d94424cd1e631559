"""Remember the vectors of questions: the same ones are asked again and again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from sage.providers.delegating import DelegatingEmbedder

if TYPE_CHECKING:
    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors

_MAX_BYTES = 8 * 1024 * 1024


class CachingEmbedder(DelegatingEmbedder):
    """Answers questions it has seen lately itself, whatever embedder is behind.

    Holds at most 8 MiB of vectors, those used longest ago go first. Passages are not kept.
    """

    def __init__(self, behind: Embedder, *, max_bytes: int = _MAX_BYTES) -> None:
        super().__init__(behind)
        self._max_vectors = max(1, max_bytes // (4 * behind.model.dimensions))
        self._kept: OrderedDict[tuple[EmbeddingModel, str], Vectors] = OrderedDict()

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
            if len(self._kept) > self._max_vectors:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return vector

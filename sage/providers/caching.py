"""A cache of question vectors, since the same questions are asked again and again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from sage.providers.delegating import DelegatingEmbedder
from sage.telemetry.metrics.catalog import QUERY_CACHE

if TYPE_CHECKING:
    from sage.domain.embedding import Embedder, EmbeddingModel, Vectors

_MAX_BYTES = 8 * 1024 * 1024


class CachingEmbedder(DelegatingEmbedder):
    """Caches the vectors of recent questions.

    Holds at most 8 MiB of vectors and evicts the least recently used. Passages are not cached.
    """

    def __init__(self, wrapped: Embedder, *, max_bytes: int = _MAX_BYTES) -> None:
        super().__init__(wrapped)
        self._max_vectors = max(1, max_bytes // (4 * wrapped.model.dimensions))
        self._vectors: OrderedDict[tuple[EmbeddingModel, str], Vectors] = OrderedDict()

    async def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, from the cache if it is there. It is read-only.

        Raises ProviderError.
        """
        key = (self.model, text)
        vector = self._vectors.get(key)
        QUERY_CACHE.labels("miss" if vector is None else "hit").inc()
        if vector is None:
            vector = await self.wrapped.embed_query(text)
            vector.flags.writeable = False
            self._vectors[key] = vector
            if len(self._vectors) > self._max_vectors:
                self._vectors.popitem(last=False)
        else:
            self._vectors.move_to_end(key)
        return vector

"""Search with what is configured: the model that serves, a threshold, a reranker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sage.config.settings import SearchSettings
    from sage.domain.searching import SearchAnswer, SearchRequest
    from sage.retrieval.reranking import Reranking
    from sage.service.schema_gate import SchemaGate
    from sage.service.search import SearchPipeline


@dataclass(frozen=True, slots=True)
class Finding:
    """Finds memories in one database."""

    schema_gate: SchemaGate
    pipeline: SearchPipeline
    defaults: SearchSettings
    reranking: Reranking | None

    async def find(self, request: SearchRequest, *, rerank: bool = True) -> SearchAnswer:
        """Find memories that answer a question, best first; the reranker has a say if there is one.

        Raises StoreError.
        """
        threshold = request.similarity_threshold
        if threshold is None:
            threshold = self.defaults.similarity_threshold
        space = await self.schema_gate.space()
        if self.reranking is None or not rerank:
            asked = replace(request, similarity_threshold=threshold)
            return await self.pipeline.search(asked, space)
        n = max(request.n, self.reranking.candidates)
        wide = replace(request, n=n, similarity_threshold=0.0)
        found = await self.pipeline.search(wide, space)
        ordered = await self.reranking.reordered(request.query, found)
        hits = tuple(hit for hit in ordered.hits if hit.score >= threshold)
        return replace(ordered, hits=hits[: request.n])

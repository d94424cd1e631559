"""Gather evidence for a question: hits, what stands around them, a summary if one is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain import limits
from sage.domain.searching import Degradation, SearchRequest
from sage.errors import ProviderError
from sage.retrieval.chunking import Chunk
from sage.retrieval.packing import Recalled
from sage.retrieval.summaries import plain_context
from sage.retrieval.tokens import MOST_CHARS_PER_TOKEN
from sage.store.neighbours import nearest_chunks, read_surroundings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from uuid import UUID

    from sage.config.settings import SearchSettings
    from sage.domain.searching import ContextAnswer, ContextRequest, Hit, SearchAnswer
    from sage.retrieval.reranking import Reranking
    from sage.retrieval.summaries import Summarizing
    from sage.service.preparing import Preparation
    from sage.store.pool import Database

    Find = Callable[[SearchRequest, Reranking | None], Awaitable[SearchAnswer]]

_REACH = 4
_TOKENS_PER_HIT = 100


class Recalling:
    """Fills token windows from one database."""

    def __init__(  # noqa: PLR0913 - what a context is made of
        self,
        *,
        database: Database,
        preparation: Preparation,
        find: Find,
        defaults: SearchSettings,
        reranking: Reranking | None,
        summarizing: Summarizing | None,
    ) -> None:
        self._database = database
        self._preparation = preparation
        self._find = find
        self._defaults = defaults
        self._reranking = reranking
        self._summarizing = summarizing

    async def context(self, request: ContextRequest) -> ContextAnswer:
        """Fill a window with the best hits, then with what stands around them and further hits.

        Raises StoreError.
        """
        window = request.context_window or self._defaults.max_context_tokens
        most_hits = request.max_results or self._defaults.max_results
        found = await self._find(
            SearchRequest(
                query=request.query,
                n=min(limits.MAX_RESULTS, max(most_hits, window // _TOKENS_PER_HIT)),
                filters=request.filters,
                space_id=request.space_id,
            ),
            None if request.rerank is False else self._reranking,
        )
        recalled = replace(
            await self._with_surroundings(request, found, window), most_listed=most_hits
        )
        if request.summarize and self._summarizing is not None:
            context = await self._summarizing.context(recalled, window)
        else:
            context = plain_context(recalled, window)
        missing = [
            Degradation(part, "no model for it is configured")
            for part, asked, there in (
                ("reranker", request.rerank, self._reranking),
                ("summary", request.summarize, self._summarizing),
            )
            if asked and there is None
        ]
        return replace(context, degraded=(*found.degraded, *context.degraded, *missing))

    async def _with_surroundings(
        self, request: ContextRequest, found: SearchAnswer, window: int
    ) -> Recalled:
        if not found.hits:
            return Recalled(request.query)
        async with self._database.connection() as conn:
            around = await read_surroundings(
                conn,
                space_id=request.space_id,
                memory_ids=[hit.memory.memory_id for hit in found.hits],
                reach=_REACH,
                longest_chars=window * MOST_CHARS_PER_TOKEN,
                filters=request.filters,
            )
        long = [hit for hit in found.hits if len(hit.memory.content) > window]
        chunks = await self._nearest_chunks(request, long) if long and not found.degraded else {}
        return Recalled(request.query, found.hits, around=around, chunks=chunks)

    async def _nearest_chunks(
        self, request: ContextRequest, hits: Sequence[Hit]
    ) -> Mapping[UUID, Chunk]:
        """Tell which part of each hit is meant; without the embedder its words tell."""
        space = await self._preparation.space()
        try:
            vector = await space.embedder.embed_query(request.query)
        except ProviderError:
            return {}
        memory_ids = [hit.memory.memory_id for hit in hits]
        async with self._database.connection() as conn:
            found = await nearest_chunks(conn, request.space_id, space.model_id, memory_ids, vector)
        return {memory_id: Chunk(*span) for memory_id, span in found.items()}

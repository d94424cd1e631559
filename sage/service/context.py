"""Gather evidence for a question: hits, their surroundings, and a summary if requested."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sage.domain import limits
from sage.domain.candidates import Surroundings
from sage.domain.searching import Degradation, SearchRequest
from sage.domain.skipped_parts import RERANKER, SUMMARY
from sage.retrieval.answers.results import within_age, without_unanswered, without_unlikely
from sage.retrieval.context.packing import PackingInput
from sage.retrieval.context.tokens import MAX_CHARS_PER_TOKEN
from sage.retrieval.text.chunking import Chunk
from sage.service.corrections import corrections_of
from sage.service.packing import plain_context, summarized_context
from sage.service.search.several_spaces import in_each
from sage.store.neighbours import nearest_chunks, read_surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.domain.embedding import EmbeddedQuestion, EmbedderHandle
    from sage.domain.gathering import ContextAnswer, ContextRequest
    from sage.domain.memories import MemoryRecord
    from sage.domain.searching import Hit, SearchResult
    from sage.domain.summarizing import Summarizer
    from sage.service.search.pipeline import SearchPipeline
    from sage.store.connections.pool import Database

_REACH = 4
_TOKENS_PER_HIT = 100


class _Beside(NamedTuple):
    """The surroundings of hits, their corrections, and the relevant parts of long ones."""

    around: Surroundings
    corrections: Mapping[UUID, MemoryRecord]
    chunks: Mapping[UUID, Chunk]


class ContextBuilder:
    """Fills token windows from one database."""

    def __init__(
        self,
        database: Database,
        pipeline: SearchPipeline,
        summarizer: Summarizer | None = None,
    ) -> None:
        self._database = database
        self._pipeline = pipeline
        self._summarizer = summarizer

    async def context(self, request: ContextRequest, handle: EmbedderHandle) -> ContextAnswer:
        """Fill a window with the best hits, then with their surroundings and further hits.

        Raises StoreError.
        """
        began_at = time.monotonic()
        max_age_days = self._pipeline.defaults.max_age_days
        filters = within_age(request.filters, max_age_days, datetime.now(UTC))
        request = replace(request, filters=filters)
        window = request.context_window or self._pipeline.defaults.max_context_tokens
        most_hits = request.max_results or self._pipeline.defaults.max_results
        most_read = min(limits.MAX_RESULTS, max(most_hits, window // _TOKENS_PER_HIT))
        found = await self._pipeline.search(
            SearchRequest(
                query=request.query,
                min_relevance=request.min_relevance or self._pipeline.defaults.min_relevance,
                n=most_read,
                filters=request.filters,
                space_id=request.space_id,
                spaces=request.spaces,
                reader=request.reader,
            ),
            handle,
            reranked=request.rerank is not False,
        )
        found = without_unlikely(without_unanswered(found, request.query), most_read)
        recalled = replace(
            await self._with_surroundings(request, found, window),
            relevance=found.relevance,
            most_listed=most_hits,
            timezone=self._pipeline.timezone,
        )
        if request.summarize and self._summarizer is not None:
            context = await summarized_context(
                self._summarizer, recalled, window, spent_s=time.monotonic() - began_at
            )
        else:
            context = await plain_context(recalled, window)
        missing = [
            Degradation(part, "no model for it is configured")
            for part, asked, there in (
                (RERANKER, request.rerank, self._pipeline.reranker),
                (SUMMARY, request.summarize, self._summarizer),
            )
            if asked and there is None
        ]
        degraded = (*found.degraded, *context.degraded, *missing)
        return replace(
            context,
            asked=found.asked_before,
            degraded=degraded,
            pending=found.pending or None,
        )

    async def _with_surroundings(
        self, request: ContextRequest, found: SearchResult, window: int
    ) -> PackingInput:
        ids = {name: space_id for space_id, name in request.spaces.items()}
        hits: dict[UUID, Hit] = {}  # two spaces may contain the same message
        for hit in found.hits:
            hits.setdefault(hit.memory_id, hit)
        by_space: dict[str, list[Hit]] = {}
        for hit in hits.values():
            by_space.setdefault(ids.get(hit.space or "", request.space_id), []).append(hit)
        parts = await in_each(
            by_space,
            lambda space_id: self._around(
                replace(request, space_id=space_id), by_space[space_id], found.question, window
            ),
        )
        return PackingInput(
            request.query,
            [*hits.values()],
            around=Surroundings.joined(part.around for part in parts),
            corrections={one: by for part in parts for one, by in part.corrections.items()},
            chunks={one: chunk for part in parts for one, chunk in part.chunks.items()},
        )

    async def _around(
        self,
        request: ContextRequest,
        hits: Sequence[Hit],
        question: EmbeddedQuestion | None,
        window: int,
    ) -> _Beside:
        """Read the surroundings of hits of one space."""
        ids = [hit.memory_id for hit in hits]
        long = [hit.memory_id for hit in hits if len(hit.content) > window]
        chunks: dict[UUID, Chunk] = {}
        async with self._database.in_space(request.space_id) as conn:
            around = await read_surroundings(
                conn,
                space_id=request.space_id,
                memory_ids=ids,
                reach=_REACH,
                longest_chars=window * MAX_CHARS_PER_TOKEN,
                filters=request.filters,
            )
            if long and question is not None:
                # Without the embedder the words of a long memory decide which part of it is used.
                spans = await nearest_chunks(conn, request.space_id, long, question)
                chunks = {memory_id: Chunk(*span) for memory_id, span in spans.items()}
            shown = [*ids, *(near.memory.memory_id for near in around.neighbours)]
            found = await corrections_of(conn, request.space_id, shown)
        space = hits[0].space
        corrections = {
            one: replace(by.seen_by(request.reader), space=space) for one, by in found.items()
        }
        return _Beside(around.seen_by(request.reader).of_space(space), corrections, chunks)

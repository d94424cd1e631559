"""From a question to ranked memories."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sage.config.settings import SearchSettings
from sage.domain import limits
from sage.domain.embedding import EmbeddedQuestion
from sage.domain.searching import MAX_PENDING, Degradation, SearchResult
from sage.domain.skipped_parts import EMBEDDING
from sage.errors import ProviderError
from sage.phrases import phrase
from sage.retrieval.answers import results
from sage.retrieval.answers.merging import merge_spaces
from sage.retrieval.query.questions import parse_question
from sage.retrieval.query.same_questions import asks_for_questions
from sage.retrieval.ranking.ranker import rank_candidates
from sage.retrieval.relevance.classification import classify_apart, classify_hits
from sage.retrieval.relevance.features import FIRST
from sage.retrieval.text.chunking import ends_of
from sage.retrieval.text.names import possible_names
from sage.retrieval.text.relative_dates import earliest_of, split_days
from sage.service.index_keeping import SearchedSpaces
from sage.service.marks import Marks
from sage.service.search.answers import Demoted, answer_of, find_unanswered
from sage.service.search.caches import StatisticsCache
from sage.service.search.early_embedding import EarlyEmbedding
from sage.service.search.meaning import MeaningLookup
from sage.service.search.query import SearchQuery, found_by_words, resolve_words
from sage.service.search.reranking import rerank
from sage.service.search.several_spaces import embedding_once, in_each
from sage.service.search.slow_reads import SlowReads, words_skipped
from sage.store.queue import count_pending
from sage.store.search import WordMatches, has_memories_since
from sage.telemetry.metrics.catalog import SEARCH_STAGE

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Collection
    from datetime import tzinfo
    from uuid import UUID

    from sage.domain.embedding import Embedder, EmbedderHandle, Vectors
    from sage.domain.reranking import Reranker
    from sage.domain.searching import SearchRequest
    from sage.retrieval.ranking.cross_language import Languages
    from sage.service.search.caches import SearchStatistics
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

    _Embedded = tuple[Vectors | None, tuple[Degradation, ...]]

_EMBED_DEADLINE_S = 5.0
_KEPT_S = 0.05
_BESIDE = 15
"""The number of additional hits to examine: some are left out because of their exchange."""


class SearchPipeline:
    """Searches one database. Safe to call from many tasks at once.

    Days, such as yesterday, are those of `timezone`.
    """

    def __init__(  # noqa: PLR0913 - all but the first have defaults
        self,
        database: Database,
        defaults: SearchSettings | None = None,
        reranker: Reranker | None = None,
        *,
        timezone: tzinfo = UTC,
        embed_deadline_s: float = _EMBED_DEADLINE_S,
        marks: Marks | None = None,
        searched: SearchedSpaces | None = None,
    ) -> None:
        self._database = database
        self._searched_spaces = searched or SearchedSpaces()
        self._marks = marks or Marks(database)
        self.defaults = defaults or SearchSettings()
        self.reranker = reranker
        self.timezone = timezone
        self._embed_deadline_s = embed_deadline_s
        self._statistics_cache = StatisticsCache(database)
        self._slow_reads = SlowReads()
        self._by_meaning = MeaningLookup(self._slow_reads)
        self._early = EarlyEmbedding()

    async def search(
        self, request: SearchRequest, handle: EmbedderHandle, *, reranked: bool = True
    ) -> SearchResult:
        """Find memories that answer a question by words, and by the vectors of one model.

        The best come first, reranked if there is a reranker; those less relevant than requested are
        dropped. Memories that were marked as not useful for such a question come last, and do not
        affect the relevance. Parts that were skipped, as without the embedder or if comparing
        vectors takes too long, are listed in the answer. Raises StoreError.
        """
        if not request.explain:
            return await self._searched(request, handle, reranked=reranked)
        with SEARCH_STAGE.watched() as took_s:
            found = await self._searched(request, handle, reranked=reranked)
        return found.after(took_s)

    async def _searched(
        self, request: SearchRequest, handle: EmbedderHandle, *, reranked: bool
    ) -> SearchResult:
        half_life = self.defaults.time_decay
        filters = results.within_age(request.filters, self.defaults.max_age_days, datetime.now(UTC))
        if asks_for_questions(request.query):
            filters = replace(filters, include_questions=True)
        n = request.n if half_life is None else max(request.n, limits.MAX_RESULTS)
        wide = replace(request, n=n, filters=filters)
        if self.reranker is None or not reranked:
            answer = await self._found(wide, handle)
        else:
            candidates = self.defaults.rerank_candidates
            found = await self._found(replace(wide, n=max(wide.n, candidates)), handle)
            answer = await rerank(self.reranker, request.query, found, candidates)
        if half_life is None:
            answer = replace(answer, hits=results.non_increasing(results.demoted_last(answer.hits)))
        else:
            answer = results.decayed(answer, half_life, datetime.now(UTC), request.n)
            answer = replace(answer, hits=results.demoted_last(answer.hits))
        answer = results.with_questions(answer, request)
        return results.apply_thresholds(answer, request, self.defaults)

    async def _found(self, request: SearchRequest, handle: EmbedderHandle) -> SearchResult:
        """Rank the memories of a space, or of several as if they were one."""
        if not request.spaces:
            return await self._ranked(request, handle)
        with embedding_once(handle, self._embed_deadline_s) as shared:
            found = await in_each(
                request.spaces,
                lambda space_id: self._ranked(replace(request, space_id=space_id), shared),
            )
        return merge_spaces(dict(zip(request.spaces.values(), found, strict=True)), request.n)

    async def _ranked(self, request: SearchRequest, handle: EmbedderHandle) -> SearchResult:
        """Rank the memories of a space for a question."""
        self._searched_spaces.note(request.space_id)
        asked = self._draft(request, handle, await self._statistics_cache.statistics())
        with self._early.begun(asked, partial(self._embed, handle.embedder)) as embed:
            async with AsyncExitStack() as loan:
                conn = await loan.enter_async_context(self._database.in_space(request.space_id))
                asked = await self._parsed(conn, asked)
                self._early.keep(asked)
                embedding = asyncio.ensure_future(embed(asked.question.topic))
                (matches, languages, is_lent), (vector, degraded) = await asyncio.gather(
                    self._looked_up(loan, conn, asked, embedding), embedding
                )
                by_words = matches or WordMatches((), {})
                if matches is None:
                    degraded += (words_skipped(),)
                if not is_lent:
                    conn = await loan.enter_async_context(self._database.in_space(request.space_id))
                evidence, near, skipped = await self._by_meaning.evidence(
                    conn, asked, by_words.memory_ids, vector, languages
                )
                async with SEARCH_STAGE.time("rank"):
                    best = rank_candidates(
                        evidence,
                        asked.question,
                        max(request.n, FIRST) + _BESIDE,
                        explains=request.explain,
                    )
                    model, ids = handle.embedder.model, [one.memory_id for one in best]
                    marked = await self._marks.of_question(
                        conn, request.space_id, request.query, ids
                    )
                    verdict, demoted = classify_apart(
                        best, marked, lambda it: classify_hits(evidence, asked.question, it, model)
                    )
                    asks = await find_unanswered(conn, asked, evidence, verdict, by_words)
                foreign = await self._by_meaning.in_other_language(conn, asked, vector, languages)
                async with SEARCH_STAGE.time("read"):
                    found = await answer_of(
                        conn, asked, evidence, verdict, asks, demoted=Demoted(demoted, marked)
                    )
                    pending = await count_pending(conn, request.space_id, MAX_PENDING)
        embedded = None
        if vector is not None:
            own = evidence.nearest_in_own_language if foreign else 0.0
            embedded = EmbeddedQuestion(vector, handle.model_id, foreign, own)
        return replace(
            found,
            degraded=degraded + skipped,
            question=embedded,
            asked=asks.equal,
            asked_similar=asks.similar,
            pending=pending,
            found_by=_found_by(request.locates, words=by_words.memory_ids, meaning=near),
        )

    def _draft(
        self, request: SearchRequest, handle: EmbedderHandle, statistics: SearchStatistics
    ) -> SearchQuery:
        """Parse the text of a request, and the days that it names, relative to today."""
        days, text = split_days(request.query, datetime.now(self.timezone).date())
        question = parse_question(text, days, self.timezone)
        return SearchQuery(request, text, question, possible_names(text), handle, statistics)

    @SEARCH_STAGE.time("parse")
    async def _parsed(self, conn: Connection, asked: SearchQuery) -> SearchQuery:
        """Add what the database knows about the words of a question.

        If all memories are older than the days that it names, it is taken as asked at that time,
        and keeps their words.
        """
        request, question = asked.request, asked.question
        if question.days:
            earliest = earliest_of(question.days, self.timezone)
            if not await has_memories_since(conn, request.space_id, earliest):
                text = request.query
                question = parse_question(text, (), self.timezone)
                asked = replace(asked, text=text, question=question, possible=possible_names(text))
        read = await self._slow_reads.of_words(conn, asked, lambda: resolve_words(conn, asked))
        corrected, names = read or (asked.text, frozenset[str]())
        if corrected != asked.text:
            question = parse_question(corrected, question.days, self.timezone)
        return replace(asked, question=question.about(names))

    @SEARCH_STAGE.time("embed")
    async def _embed(self, embedder: Embedder, topic: str) -> _Embedded:
        try:
            async with asyncio.timeout(self._embed_deadline_s):
                return await embedder.embed_query(ends_of(topic, embedder.max_chars)), ()
        except TimeoutError:
            reason = phrase("no vector within {seconds} s", seconds=f"{self._embed_deadline_s:g}")
        except ProviderError as error:
            reason = error.message
        return None, (Degradation(EMBEDDING, reason),)

    async def _looked_up(
        self,
        loan: AsyncExitStack,
        conn: Connection,
        asked: SearchQuery,
        embedding: Future[_Embedded],
    ) -> tuple[WordMatches | None, Languages | None, bool]:
        """Look up words and languages; return whether the connection is kept for the vectors.

        A model on this machine mostly takes less time than to borrow a connection again. If it does
        not answer soon, or if the model is elsewhere, the connection is returned: others wait for
        it.
        """
        by_words = await self._slow_reads.of_words(conn, asked, lambda: found_by_words(conn, asked))
        languages = await self._by_meaning.languages(conn, asked)
        if asked.handle.embedder.is_local and not embedding.done():
            await asyncio.wait([embedding], timeout=_KEPT_S)
        if not embedding.done():
            await loan.aclose()
            return by_words, languages, False
        return by_words, languages, True


def _found_by(memory_id: UUID | None, **found: Collection[UUID]) -> tuple[str, ...]:
    """Return the ways in which a memory was found; empty if no memory is to be located."""
    if memory_id is None:
        return ()
    return tuple(name for name, ids in found.items() if memory_id in ids)

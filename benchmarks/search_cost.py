"""Measure the processor time of a search without its embedding, in PostgreSQL and in Sage.

Searches run in this process, with cached vectors. One memory in five is Chinese, so every search
covers two languages.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import corpus
from benchmarks.processor_time import nanoseconds_of
from benchmarks.seeding import SyntheticEmbedder, fill_and_index
from benchmarks.statements import list_backends
from sage.cli.benchmark.sandbox import dsn_of
from sage.domain.embedding import EmbedderHandle
from sage.domain.searching import SearchRequest
from sage.providers.delegating import DelegatingEmbedder
from sage.providers.registry import open_embedder
from sage.service.search.pipeline import SearchPipeline
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from sage.store.vectors import register_model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, Vectors
    from sage.store.connections.pool import Database

_AT_ONCE = 10
_CLIENTS = 16


@dataclass(frozen=True, slots=True)
class SearchCost:
    """The processor time of a search in milliseconds: medians over groups of ten questions.

    `searches_per_s` is the throughput with 16 concurrent clients in one process.
    """

    memories: int
    questions: int
    postgres_ms: float
    sage_ms: float
    searches_per_s: float


class _CachingEmbedder(DelegatingEmbedder):
    """An embedder that caches the vectors of questions."""

    def __init__(self, wrapped: Embedder) -> None:
        super().__init__(wrapped)
        self._known: dict[str, Vectors] = {}

    async def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, cached after the first time. Raises ProviderError."""
        if text not in self._known:
            self._known[text] = await self.wrapped.embed_query(text)
        return self._known[text]


async def measure_search_cost(
    settings: Settings, memories: int, questions: int, progress: Callable[[int], None]
) -> SearchCost:
    """Measure searches of generated memories in an empty database (see `sandbox`).

    `progress` is called with the number of memories generated and questions asked, `memories +
    questions` in total. Raises SageError, also if the processor time of PostgreSQL cannot be read.
    """
    async with AsyncExitStack() as stack:
        embedder = _CachingEmbedder(open_embedder(settings))
        stack.push_async_callback(embedder.close)
        await embedder.start()
        database = await open_database(dsn_of(settings))
        stack.push_async_callback(database.close)
        await migrate(database)
        async with database.across_spaces() as conn:
            handle = EmbedderHandle(embedder, await register_model(conn, embedder.model))
        synthetic = await SyntheticEmbedder.of(embedder)
        await fill_and_index(
            settings, embedder.model, synthetic, first=0, last=memories, progress=progress
        )
        pipeline = SearchPipeline(database)
        asked = [corpus.question(number) for number in range(questions)]
        await _ask(pipeline, handle, asked)
        taken = []
        for begins in range(0, questions, _AT_ONCE):
            part = asked[begins : begins + _AT_ONCE]
            taken.append(await _taken_ms(database, pipeline, handle, part))
            progress(len(part))
        postgres, sage = zip(*taken, strict=True)
        return SearchCost(
            memories,
            questions,
            postgres_ms=round(median(postgres), 2),
            sage_ms=round(median(sage), 2),
            searches_per_s=round(await _throughput(pipeline, handle, asked), 1),
        )


async def _taken_ms(
    database: Database, pipeline: SearchPipeline, handle: EmbedderHandle, asked: Sequence[str]
) -> tuple[float, float]:
    """Return the processor time per question in milliseconds, of PostgreSQL and of this process."""
    async with database.across_spaces() as conn:
        backends = await list_backends(conn)
    before = sum(map(nanoseconds_of, backends)), time.process_time_ns()
    await _ask(pipeline, handle, asked)
    after = time.process_time_ns(), sum(map(nanoseconds_of, backends))
    per_question = 1e6 * len(asked)
    return (after[1] - before[0]) / per_question, (after[0] - before[1]) / per_question


async def _ask(pipeline: SearchPipeline, handle: EmbedderHandle, asked: Sequence[str]) -> None:
    for question in asked:
        await pipeline.search(SearchRequest(question), handle)


async def _throughput(
    pipeline: SearchPipeline, handle: EmbedderHandle, asked: Sequence[str]
) -> float:
    """Return the searches per second of 16 concurrent clients."""
    shares = [asked[client::_CLIENTS] for client in range(_CLIENTS)]
    await asyncio.gather(*(_ask(pipeline, handle, share) for share in shares))
    began = time.perf_counter()
    await asyncio.gather(*(_ask(pipeline, handle, share) for share in shares))
    return len(asked) / (time.perf_counter() - began)

"""Measure one space as it grows: the build of its index, the cost of a search, and recall.

The space is filled to each size in turn, in one database, and its index is rebuilt each time, as
Sage builds it. Processor time and blocks are measured, since elapsed time depends on other load.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks import corpus
from benchmarks.processor_time import nanoseconds_of
from benchmarks.seeding import SyntheticEmbedder, fill
from benchmarks.statements import (
    bare_nearest,
    blocks_read,
    distances_of,
    list_backends,
    list_builders,
    relation_bytes,
    settle,
)
from sage.cli.benchmark.sandbox import dsn_of
from sage.domain.embedding import EmbedderHandle
from sage.domain.memories import DEFAULT_SPACE
from sage.domain.searching import Filters, SearchRequest
from sage.errors import ProviderError, SageError
from sage.providers.delegating import DelegatingEmbedder
from sage.providers.registry import open_embedder
from sage.retrieval.message_classes.classification import RULES_VERSION
from sage.service.search.pipeline import SearchPipeline
from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from sage.store.nearest import nearest_candidates
from sage.store.stats import memory_stats
from sage.store.vector_indexes import (
    build_vector_indexes,
    drop_vector_indexes,
    read_vector_indexes,
)
from sage.store.vectors import register_model

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sage.config.settings import Settings
    from sage.domain.embedding import Embedder, Vectors
    from sage.store.connections.pool import Database

_TIMEOUT_S = 7200.0
_WATCH_EVERY_S = 0.05
_REPORTED_AFTER_S = 1.1
_BEST = 10
_CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class SizeCost:
    """The cost of a space of a given size to PostgreSQL, and the recall of its vector search.

    Times are processor time: seconds for a build, milliseconds for a call. `blocks` is the number
    of blocks of 8 kB that a search reads, `bytes_each` the size of tables and indexes per memory.
    """

    memories: int
    bytes_each: int
    build_s: float
    search_ms: float
    words_ms: float
    blocks: float
    stats_ms: float
    recall_at_10: float


class _CachingEmbedder(DelegatingEmbedder):
    """An embedder that caches the vectors of questions, and can be made unavailable."""

    def __init__(self, wrapped: Embedder) -> None:
        super().__init__(wrapped)
        self._known: dict[str, Vectors] = {}
        self.is_away = False

    async def embed_query(self, text: str) -> Vectors:
        """Return the vector of a question, cached after the first time. Raises ProviderError."""
        if self.is_away:
            raise ProviderError("away")
        if text not in self._known:
            self._known[text] = await self.wrapped.embed_query(text)
        return self._known[text]


async def measure_scale(
    settings: Settings, sizes: Sequence[int], questions: int, progress: Callable[[int], None]
) -> list[SizeCost]:
    """Measure a space at each size, the smallest first, in an empty database.

    `progress` is called with the number of memories generated, `max(sizes)` in total, and of
    questions asked, at each size. Raises SageError, also if the processor time of PostgreSQL cannot
    be read.
    """
    async with AsyncExitStack() as stack:
        embedder = _CachingEmbedder(open_embedder(settings))
        stack.push_async_callback(embedder.close)
        await embedder.start()
        database = await open_database(dsn_of(settings), command_timeout_s=_TIMEOUT_S)
        stack.push_async_callback(database.close)
        await migrate(database)
        async with database.across_spaces() as conn:
            handle = EmbedderHandle(embedder, await register_model(conn, embedder.model))
        synthetic = await SyntheticEmbedder.of(embedder)
        measured = []
        for first, last in pairwise((0, *sorted(set(sizes)))):
            await fill(
                database,
                DEFAULT_SPACE,
                handle.model_id,
                synthetic,
                first=first,
                last=last,
                progress=progress,
            )
            space = _Grown(database, handle, embedder, last)
            measured.append(await space.cost(questions))
            progress(questions)
        return measured


@dataclass(frozen=True, slots=True)
class _Grown:
    database: Database
    handle: EmbedderHandle
    embedder: _CachingEmbedder
    memories: int

    async def cost(self, questions: int) -> SizeCost:
        build_s = await self._built()
        asked = [corpus.question(number) for number in range(questions)]
        pipeline = SearchPipeline(self.database)

        async def search() -> None:
            for question in asked:
                await pipeline.search(SearchRequest(question), self.handle)

        async def stats() -> None:
            async with self.database.in_space(DEFAULT_SPACE) as conn:
                await memory_stats(conn, DEFAULT_SPACE, self.embedder.model.name, RULES_VERSION)

        await search()
        search_ms, blocks = await self._taken(search)
        self.embedder.is_away = True
        words_ms, _ = await self._taken(search)
        self.embedder.is_away = False
        await stats()
        stats_ms, _ = await self._taken(stats)
        recall = [await self._recall(await self.embedder.embed_query(one)) for one in asked]
        async with self.database.across_spaces() as conn:
            size = await relation_bytes(conn)
        return SizeCost(
            memories=self.memories,
            bytes_each=round(size / self.memories),
            build_s=round(build_s, 1),
            search_ms=round(search_ms / questions, 2),
            words_ms=round(words_ms / questions, 2),
            blocks=round(blocks / questions, 1),
            stats_ms=round(stats_ms, 2),
            recall_at_10=round(fmean(recall), 4),
        )

    async def _built(self) -> float:
        """Rebuild the index; return the processor time in seconds."""
        model_id = self.handle.model_id
        await drop_vector_indexes(self.database, model_id)
        async with self.database.across_spaces() as conn:
            await settle(conn)
        taken: dict[int, int] = {}
        building = asyncio.ensure_future(build_vector_indexes(self.database, model_id))
        while not building.done():
            async with self.database.across_spaces() as conn:
                for pid in await list_builders(conn):
                    try:
                        taken[pid] = nanoseconds_of(pid)
                    except SageError:
                        continue  # the process has ended
            await asyncio.sleep(_WATCH_EVERY_S)
        await building
        return sum(taken.values()) / 1e9

    async def _taken(self, work: Callable[[], Awaitable[None]]) -> tuple[float, int]:
        """Return the cost of work to PostgreSQL: milliseconds of processor time, and blocks."""
        async with self.database.across_spaces() as conn:
            backends = await list_backends(conn)
        blocks = await self._blocks()
        before = sum(map(nanoseconds_of, backends))
        await work()
        took = sum(map(nanoseconds_of, backends)) - before
        return took / 1e6, await self._blocks() - blocks

    async def _blocks(self) -> int:
        """Return the blocks read so far, once backends have reported theirs, a second later."""
        await asyncio.sleep(_REPORTED_AFTER_S)
        async with self.database.in_space(DEFAULT_SPACE) as conn:
            await read_vector_indexes(conn)
        async with self.database.across_spaces() as conn:
            return await blocks_read(conn)

    async def _recall(self, vector: Vectors) -> float:
        """Return recall@10 of vector search; ties count as found."""
        place = (DEFAULT_SPACE, self.handle.model_id, vector)
        async with self.database.across_spaces() as conn:
            indexes = await read_vector_indexes(conn)
        async with self.database.in_space(DEFAULT_SPACE) as conn:
            exact = await bare_nearest(conn, *place, Filters(), _BEST)
            found = await nearest_candidates(
                conn,
                space_id=DEFAULT_SPACE,
                model_id=self.handle.model_id,
                vector=vector,
                filters=Filters(),
                indexes=indexes,
                limit=_CANDIDATES,
            )
            far = await distances_of(conn, *place, found[:_BEST])
        near = [one for one in far.values() if one <= exact[-1]]
        return len(near) / len(exact)

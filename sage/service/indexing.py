"""Gives every memory its vector: takes queue rows, embeds them in batches, stores the vectors."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from sage.errors import ProviderError, ProviderRejectedError, SageError
from sage.logs import get_logger
from sage.retrieval.chunking import chunks_of
from sage.store import models, queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder
    from sage.service.preparing import Preparation
    from sage.store.pool import Database
    from sage.store.queue import QueueItem

_BATCH = 16
_LEASE_S = 120.0
_POLL_S = 5.0
_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 300.0

log = get_logger(__name__)


class Indexer:
    """Works off the embedding queue; several may run at once, in one process or in many."""

    def __init__(self, database: Database, embedder: Embedder, preparation: Preparation) -> None:
        self._database = database
        self._embedder = embedder
        self._preparation = preparation
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Say that there is work, so that it need not be found by polling."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled. Nothing is lost when that happens: leases run out."""
        while True:
            try:
                worked = await self.work_off_batch()
            except SageError as error:
                log.warning("indexing_paused", reason=error.message)
                worked = 0
                await asyncio.sleep(_FIRST_DELAY_S)
            if not worked:
                await self._pause()

    async def work_off_batch(self) -> int:
        """Embed what is due, at most one batch; give how many rows were taken.

        Raises StoreError; a provider's failure postpones the rows instead.
        """
        model_id = await self._preparation.model_id()
        self._woken.clear()
        async with self._database.connection() as conn:
            items = await queue.lease_due(conn, _BATCH, _LEASE_S)
        if items:
            await self._embed(items, model_id)
        return len(items)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_POLL_S):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _embed(self, items: Sequence[QueueItem], model_id: int) -> None:
        chunked = [(item, chunks_of(item.content, self._embedder.max_chars)) for item in items]
        texts = [item.content[c.starts_at : c.ends_at] for item, chunks in chunked for c in chunks]
        try:
            vectors = iter(await self._embedder.embed_passages(texts))
            rows = [
                models.VectorRow(
                    item.space_id, item.memory_id, number, c.starts_at, c.ends_at, next(vectors)
                )
                for item, chunks in chunked
                for number, c in enumerate(chunks)
            ]
            async with self._database.transaction() as conn:
                await models.store_vectors(conn, model_id, rows)
                await queue.complete(conn, items)
        except ProviderRejectedError as error:
            await self._single_out(items, model_id, error)
        except ProviderError as error:
            await self._postpone(items, error)

    async def _single_out(
        self, items: Sequence[QueueItem], model_id: int, error: ProviderRejectedError
    ) -> None:
        """Find the text that is refused by halving, so that its neighbours do not suffer."""
        if len(items) > 1:
            middle = len(items) // 2
            await self._embed(items[:middle], model_id)
            await self._embed(items[middle:], model_id)
            return
        log.error("memory_not_embedded", memory_id=str(items[0].memory_id), reason=error.message)
        async with self._database.connection() as conn:
            await queue.fail(conn, items, error.message)

    async def _postpone(self, items: Sequence[QueueItem], error: ProviderError) -> None:
        tried = max(item.attempts for item in items)
        delay_s = min(_FIRST_DELAY_S * 2 ** min(tried, 12), _LONGEST_DELAY_S)
        delay_s *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing
        log.warning("embedding_postponed", memories=len(items), reason=error.message)
        async with self._database.connection() as conn:
            await queue.postpone(conn, items, delay_s, error.message)

"""Gives every memory its vector: takes queue rows, embeds them in batches, stores the vectors.

While the provider is away the rows stay as they are and the indexer rests, so that everything is
due at once when the provider is back. Only a text that fails while others get through is put off,
longer each time, and given up at last.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.errors import (
    ProviderRejectedError,
    ProviderUnavailableError,
    SageError,
    StoreUnavailableError,
)
from sage.logs import get_logger
from sage.service.embedding import embed_texts, without_refused
from sage.store import queue
from sage.store.models import store_vectors
from sage.store.serving import keep_serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder
    from sage.service.preparing import Preparation
    from sage.store.pool import Database
    from sage.store.queue import QueueItem

MOST_CALLS_AT_ONCE = 4
_BATCH = 16
_LEASE_S = 120.0
_GIVE_BACK_S = 1.0
_POLL_S = 5.0
_STORE_REST_S = 1.0
_FIRST_REST_S = 1.0
_LONGEST_REST_S = 15.0
_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 3600.0
_MOST_ATTEMPTS = 16
"""With the delays between them about six hours."""

log = get_logger(__name__)


class Indexer:
    """Works off the embedding queue; several may run at once, in one process or in many."""

    def __init__(self, database: Database, preparation: Preparation) -> None:
        self._database = database
        self._preparation = preparation
        self._woken = asyncio.Event()
        self._turns = queue.Turns()

    def wake(self) -> None:
        """Say that there is work, so that it need not be found by polling."""
        self._woken.set()

    async def run(self, number: int = 0) -> None:
        """Work until cancelled; more than one may run, told apart by `number`.

        Nothing is lost: leases run out.
        """
        outages = 0
        while True:
            try:
                worked = await self._work(number)
            except ProviderUnavailableError as error:
                log.warning("indexing_waits_for_provider", reason=error.message)
                await asyncio.sleep(outage_rest_s(error, outages))
                outages += 1
            except SageError as error:
                log.warning("indexing_paused", reason=error.message)
                await asyncio.sleep(_STORE_REST_S)
            else:
                outages = 0
                if not worked:
                    await self._pause()

    async def _work(self, number: int) -> bool:
        """Take part if the model in use answers so many calls at once; tell whether to go on."""
        space = await self._preparation.space()
        if number < calls_at_once(space.embedder):
            return await self.work_off_batch() > 0
        await asyncio.sleep(_POLL_S)
        return True

    async def work_off_batch(self) -> int:
        """Embed what is due, at most one batch; give how many rows were taken.

        Raises StoreError, and ProviderUnavailableError once the rows are given back.
        """
        space = await self._preparation.space()
        self._woken.clear()
        async with self._database.transaction() as conn:
            await queue.commit_late(conn)
            items = await queue.lease_due(conn, _BATCH, _LEASE_S, self._turns)
        left = list(items)

        async def embed(some: Sequence[QueueItem]) -> None:
            rows = await embed_texts(space.embedder, some)
            async with self._database.transaction() as conn:
                await queue.commit_late(conn)
                await keep_serving(conn, space.model_id)
                await store_vectors(conn, space.model_id, rows)
                await queue.complete(conn, some)
            del left[: len(some)]

        async def put_off(item: QueueItem, error: ProviderRejectedError) -> None:
            await self._put_off(item, error)
            left.remove(item)

        if items:
            try:
                await without_refused(items, embed, put_off)
            except asyncio.CancelledError:
                await self._give_back(left)
                raise
            except (ProviderUnavailableError, StoreUnavailableError) as error:
                async with self._database.connection() as conn:
                    await queue.release(conn, left, error.message)
                raise
        return len(items)

    async def _give_back(self, items: Sequence[QueueItem]) -> None:
        """Let another worker take what a cancelled one had leased, without waiting for the end."""
        with suppress(SageError, TimeoutError):
            async with asyncio.timeout(_GIVE_BACK_S), self._database.connection() as conn:
                await queue.release(conn, items, "the worker was stopped")

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_POLL_S):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _put_off(self, item: QueueItem, error: ProviderRejectedError) -> None:
        given_up = error.lasting or item.attempts >= _MOST_ATTEMPTS
        event = "memory_not_embedded" if given_up else "embedding_postponed"
        log.error(event, memory_id=str(item.memory_id), reason=error.message)
        async with self._database.connection() as conn:
            if given_up:
                await queue.fail(conn, [item], error.message)
            else:
                delay_s = min(_FIRST_DELAY_S * 2.0**item.attempts, _LONGEST_DELAY_S)
                await queue.postpone(conn, [item], delay_s, error.message)


def calls_at_once(embedder: Embedder) -> int:
    """Tell how many batches to embed side by side.

    A provider answers several at once; the local model uses all processors for one.
    """
    return 1 if embedder.model.provider == "local" else MOST_CALLS_AT_ONCE


def outage_rest_s(error: SageError, outages: int) -> float:
    """Wait as long as the provider wants, else longer each time."""
    spread = random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing
    if isinstance(error, ProviderUnavailableError) and error.retry_in_s is not None:
        return error.retry_in_s + 0.1 * spread
    return min(_FIRST_REST_S * 2.0 ** min(outages, 16), _LONGEST_REST_S) * spread

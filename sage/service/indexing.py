"""Embeds every memory: leases queue rows, embeds a batch for one call, stores the vectors.

A model on this machine uses the processors that calls need: it waits for a pause between them, but
not for long. While the provider is unavailable the rows stay as they are and the indexer rests, so
that everything is due at once when the provider is back. Only a text that fails while others
succeed is postponed, longer each time, and finally given up.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.errors import (
    ProviderUnavailableError,
    SageError,
    StoreUnavailableError,
)
from sage.service.embedding import (
    EmbeddingInterruptedError,
    PartialResults,
    batches_of,
    bisect_rejected,
    embed_texts,
)
from sage.service.leasing import LEASE_S, Lease, LeaseInDoubtError
from sage.service.request_activity import RequestActivity
from sage.store.planner_statistics import refresh_planner_statistics
from sage.store.queue import RoundRobin
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.embedding import Embedder, EmbedderHandle
    from sage.service.schema_gate import SchemaGate
    from sage.store.queue import QueueItem

MAX_CALLS_AT_ONCE = 4
FINISH_S = 2.0
"""How long a server that stops waits for the batches that it embeds, at most."""
_GIVE_BACK_S = 1.0
_POLL_S = 5.0
_STAND_BACK_S = 0.25
_STORE_REST_S = 1.0
_FIRST_REST_S = 1.0
_MAX_REST_S = 15.0
_MAX_RETRY_AFTER_S = 600.0
_MANY = 100

log = get_logger(__name__)


class Indexer:
    """Processes the embedding queue; several may run at once, in one process or in many."""

    def __init__(
        self, schema_gate: SchemaGate, *, lease_s: float = LEASE_S, finish_s: float = 0.0
    ) -> None:
        self._database = schema_gate.database.for_background()
        self._gate = schema_gate
        self._woken = asyncio.Event()
        self._logged: tuple[str, str] | None = None
        self._turns = RoundRobin()
        self._lease_s = lease_s
        self._finish_s = finish_s
        self._partial_results = PartialResults()
        self._embedded = 0
        self._left: list[Lease] = []
        self.activity = RequestActivity()

    def wake(self) -> None:
        """Notify the indexer of work, so that it need not be found by polling."""
        self._woken.set()

    async def run(self, number: int = 0) -> None:
        """Work until cancelled; more than one may run, identified by `number`.

        A batch that is being embedded then has `finish_s` seconds to end, and is given back
        otherwise. Nothing is lost: leases run out.
        """
        outages = 0
        while True:
            switched = self._gate.switched
            try:
                worked = await self._work(number)
            except ProviderUnavailableError as error:
                self._log_once("indexing_waits_for_provider", error)
                await _pause(switched, outage_rest_s(error, outages))
                outages += 1
            except SageError as error:
                if isinstance(error, LeaseInDoubtError):
                    self._left.append(error.lease)
                self._log_once("indexing_paused", error)
                await asyncio.sleep(_STORE_REST_S)
            else:
                outages = 0
                self._logged = None
                if not worked:
                    await self._refresh_statistics()
                    await _pause(self._woken, _POLL_S)

    def _log_once(self, event: str, error: SageError) -> None:
        """Log a failure unless it is the same as the last, until work succeeds again."""
        if (event, error.message) != self._logged:
            self._logged = event, error.message
            log.warning(event, reason=error.message)

    async def _refresh_statistics(self) -> None:
        """Refresh the planner's statistics if much was added."""
        if self._embedded >= _MANY:
            self._embedded = 0
            with suppress(SageError):
                await refresh_planner_statistics(self._database)

    async def _work(self, number: int) -> bool:
        """Embed one batch if the model allows so many calls at once; return whether to continue."""
        handle = await self._gate.active_model()
        if number < calls_at_once(handle.embedder):
            if handle.embedder.is_local:
                await self.activity.wait_idle(_STAND_BACK_S)
            return await self.work_off_batch() > 0
        await asyncio.sleep(_POLL_S)
        return True

    async def work_off_batch(self) -> int:
        """Embed due rows, as many as take a short time; return the number of rows that were read.

        Raises StoreError, and ProviderUnavailableError after the rows were released.
        """
        handle = await self._gate.active_model()
        self._woken.clear()
        await self._release_left()
        working = asyncio.create_task(self._embed_due(handle))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            try:
                await asyncio.wait([working], timeout=self._finish_s)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            raise

    async def _embed_due(self, handle: EmbedderHandle) -> int:
        """Embed what is due; if that is cancelled, the rows are given back."""
        lease, found = await Lease.take(self._database, handle, self._turns, self._lease_s)

        async def embed(some: Sequence[QueueItem]) -> None:
            rows = await embed_texts(
                handle.embedder, some, self._partial_results, self._woken.is_set
            )
            await lease.complete(some, rows)

        try:
            async with lease.renewed():
                for part in batches_of(lease.items, handle.embedder.max_chars):
                    await bisect_rejected(part, embed, lease.reschedule)
        except EmbeddingInterruptedError:
            await lease.release()
        except asyncio.CancelledError:
            with suppress(SageError, TimeoutError):
                async with asyncio.timeout(_GIVE_BACK_S):
                    await lease.release("the worker was stopped")
            raise
        except (ProviderUnavailableError, StoreUnavailableError) as error:
            await lease.release(error.message)
            if self._database.absent_nodes:
                self._left.append(lease)
            raise
        self._embedded += found
        return found

    async def _release_left(self) -> None:
        """Release the rows that a server of a cluster kept leased, once all answer again.

        It may store a lease a little later still, so this is repeated until the lease would end.
        """
        self._left = [lease for lease in self._left if not lease.has_ended]
        if not self._database.absent_nodes:
            for lease in self._left:
                await lease.release()


async def _pause(event: asyncio.Event, longest_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(longest_s):
            await event.wait()


def calls_at_once(embedder: Embedder) -> int:
    """Return the number of batches to embed in parallel.

    A provider answers several at once; the local model uses all processors for one.
    """
    return 1 if embedder.is_local else MAX_CALLS_AT_ONCE


def outage_rest_s(error: SageError, outages: int) -> float:
    """Return the seconds to wait: as the provider asks, at most ten minutes, else ever longer."""
    spread = random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing
    if isinstance(error, ProviderUnavailableError) and error.retry_in_s is not None:
        return min(error.retry_in_s, _MAX_RETRY_AFTER_S) + 0.1 * spread
    return min(_FIRST_REST_S * 2.0 ** min(outages, 16), _MAX_REST_S) * spread

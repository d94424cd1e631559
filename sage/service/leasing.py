"""The rows of the embedding queue that a worker holds, from the lease to the outcome of each."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.errors import SageError, StoreError, StoreUnavailableError
from sage.service.background import end_task
from sage.service.embedding import CHUNKS_A_CALL, chunk_count
from sage.store import queue
from sage.store.active_model import lock_active
from sage.store.vectors import store_vectors
from sage.telemetry.logs import get_logger
from sage.telemetry.metrics.catalog import MEMORIES_EMBEDDED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from sage.domain.embedding import EmbedderHandle
    from sage.errors import ProviderRejectedError
    from sage.store.connections.pool import Database
    from sage.store.queue import QueueItem, RoundRobin
    from sage.store.vectors import VectorRow

_MAX_ITEMS = 16
LEASE_S = 120.0
_RENEWALS_A_LEASE = 4
_FIRST_DELAY_S = 1.0
_MAX_DELAY_S = 3600.0
_MAX_ATTEMPTS = 16
"""About six hours, with the delays between them."""
_POISON_DELIVERIES = 3
_MAX_DELIVERIES = 8
_LOST = "the process died or hung each time the memory was being embedded"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """The items of a lease to embed now, short texts first, to release, and to mark as failed."""

    now: Sequence[QueueItem]
    later: Sequence[QueueItem]
    lost: Sequence[QueueItem] = ()


def plan_batch(items: Sequence[QueueItem], max_chars: int) -> BatchPlan:
    """Limit a lease by its text, so that a message just saved does not wait for many long ones.

    The item that has waited longest is chosen, and of the others the shortest, for one call. An
    item that was delivered before without an outcome is embedded alone, so that no other fails with
    it.
    """
    lost = [item for item in items if item.deliveries > _MAX_DELIVERIES]
    alive = [item for item in items if item.deliveries <= _MAX_DELIVERIES]
    by_age = sorted(alive, key=lambda item: item.enqueued_at)
    suspects = [item for item in by_age if item.deliveries >= _POISON_DELIVERIES]
    if suspects:
        return BatchPlan(suspects[:1], [item for item in by_age if item is not suspects[0]], lost)
    room = CHUNKS_A_CALL
    taken = by_age[:1]
    later: list[QueueItem] = []
    for item in sorted(by_age[1:], key=lambda item: len(item.content)):
        room -= chunk_count(item, max_chars)
        (taken if room >= 0 else later).append(item)
    return BatchPlan(sorted(taken, key=lambda item: len(item.content)), later, lost)


class LeaseInDoubtError(StoreUnavailableError):
    """The connection was lost while rows were leased: `lease` holds them, or nobody does."""

    def __init__(self, error: StoreError, lease: Lease) -> None:
        super().__init__(error.message, detail=error.detail, hint=error.hint)
        self.lease = lease


class Lease:
    """Leased rows; each is held until it has an outcome."""

    def __init__(
        self,
        database: Database,
        handle: EmbedderHandle,
        items: Sequence[QueueItem],
        duration_s: float = LEASE_S,
    ) -> None:
        self._database = database
        self._handle = handle
        self._held = {item.key: item for item in items}
        self._duration_s = duration_s
        self._changing = asyncio.Lock()

    @classmethod
    async def take(
        cls,
        database: Database,
        handle: EmbedderHandle,
        turns: RoundRobin,
        duration_s: float = LEASE_S,
    ) -> tuple[Lease, int]:
        """Lease due rows, as many as are soon embedded; also return how many rows were read.

        Raises LeaseInDoubtError if it is not known whether the rows are leased, StoreError.
        """
        items: Sequence[QueueItem] = ()
        try:
            async with database.transaction_across_spaces() as conn:
                await queue.async_commit(conn)
                items = await queue.lease_due(conn, _MAX_ITEMS, duration_s, turns)
                plan = plan_batch(items, handle.embedder.max_chars)
                if plan.later:
                    await queue.release(conn, plan.later)
                if plan.lost:
                    await queue.fail(conn, plan.lost, _LOST)
        except StoreError as error:
            if items:
                raise LeaseInDoubtError(error, cls(database, handle, items)) from error
            raise
        for item in plan.lost:
            log.error("memory_not_embedded", memory_id=str(item.memory_id), reason=_LOST)
        return cls(database, handle, plan.now, duration_s), len(items)

    @property
    def items(self) -> list[QueueItem]:
        """The items without an outcome yet, in the order of work."""
        return list(self._held.values())

    @property
    def has_ended(self) -> bool:
        """Whether the rows without an outcome are due again by themselves."""
        now = datetime.now(UTC)
        return all(item.leased_until <= now for item in self.items)

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Renew the leases while the block runs, however long one call of the model takes."""
        renewing = asyncio.create_task(self._renew_again_and_again())
        try:
            yield
        finally:
            await end_task(renewing)

    async def _renew_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._duration_s / _RENEWALS_A_LEASE)
            try:
                async with self._changing, self._database.across_spaces() as conn:
                    renewed = await queue.renew(conn, self.items, self._duration_s)
                    self._held = {item.key: item for item in renewed}
            except SageError as error:
                log.warning("lease_not_renewed", reason=error.message)

    async def complete(self, items: Sequence[QueueItem], rows: Sequence[VectorRow]) -> None:
        """Store the vectors of items and complete these.

        Raises StoreUnavailableError if another model is active by now, StoreError,
        ProviderRejectedError for vectors that cannot be stored.
        """
        async with self._changing, self._database.transaction_across_spaces() as conn:
            await queue.async_commit(conn)
            await lock_active(conn, self._handle.model_id)
            await store_vectors(conn, self._handle.model_id, rows)
            await queue.complete(conn, self._as_held(items))
        MEMORIES_EMBEDDED.labels().inc(len(items))
        self._discard(items)

    async def reschedule(self, item: QueueItem, error: ProviderRejectedError) -> None:
        """Postpone a rejected item, longer each time, or mark it as failed for this model.

        Raises StoreUnavailableError if another model is active by now, StoreError.
        """
        given_up = error.permanent or item.attempts >= _MAX_ATTEMPTS
        delay_s = min(_FIRST_DELAY_S * 2.0**item.attempts, _MAX_DELAY_S)
        async with self._changing, self._database.transaction_across_spaces() as conn:
            held = self._as_held([item])
            await lock_active(conn, self._handle.model_id)
            if given_up:
                await queue.fail(conn, held, error.message)
            else:
                await queue.postpone(conn, held, delay_s, error.message)
        failure = {"memory_id": str(item.memory_id), "reason": error.message}
        if given_up:
            log.error("memory_not_embedded", **failure)
        else:
            log.error("memory_embedding_failed", **failure, retry_in_s=delay_s)
        self._discard([item])

    async def release(self, reason: str | None = None) -> None:
        """Release the remaining items: another worker can lease them at once. Raises StoreError."""
        async with self._changing, self._database.across_spaces() as conn:
            await queue.release(conn, self.items, reason)

    def _as_held(self, items: Sequence[QueueItem]) -> list[QueueItem]:
        """Return the items with their present leases."""
        return [self._held[item.key] for item in items]

    def _discard(self, items: Sequence[QueueItem]) -> None:
        keys: list[tuple[str, UUID]] = [item.key for item in items]
        for key in keys:
            del self._held[key]

"""Stores the messages that hooks capture: each once, by its id."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from sage.access.audit.event import note_recorded
from sage.access.audit.store import record_save
from sage.domain.masking import masked_memory
from sage.domain.memories import ForgetReceipt
from sage.domain.recall import Captured
from sage.service.arriving import arriving_memories, not_later_than, store_arrivals
from sage.service.classifier import classify_at_once
from sage.store.memories import forget, restore, saved_by
from sage.store.repeating import repeatable
from sage.store.replacements import link_known, with_new_links
from sage.store.space_masking import masking_spaces
from sage.store.transfer import known_among
from sage.telemetry.metrics.catalog import CAPTURING_CLIENTS, MEMORIES_CAPTURED, OTHER_CLIENT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sage.access.audit.log import AuditLog
    from sage.domain.masking import MaskingPolicy
    from sage.domain.recall import SessionToForget
    from sage.domain.transfer import TransferredMemory
    from sage.service.indexing import Indexer
    from sage.service.save_threads import CheckCancelled, SaveThreads
    from sage.service.schema_gate import SchemaGate
    from sage.store.connections.connection import Connection
    from sage.store.transfer import ArrivingMemory


class CaptureService:
    """Stores captured messages in one database."""

    def __init__(
        self,
        schema_gate: SchemaGate,
        indexer: Indexer,
        *,
        audit: AuditLog,
        masking: MaskingPolicy,
        threads: SaveThreads,
    ) -> None:
        self._database = schema_gate.database
        self._indexer = indexer
        self._audit = audit
        self._masking = masking
        self._threads = threads

    async def capture(self, client: str, memories: Sequence[TransferredMemory]) -> Captured:
        """Store the messages of a space that are not there yet; forgotten ones remain forgotten.

        Memories that any of the messages replace are superseded now. Raises StoreError.
        """
        event = self._audit.event_of_save([one.memory_id for one in memories])
        with self._indexer.activity.call():
            added = await self._keep(client, memories, event)
        if event is not None:
            note_recorded()
        known = client if client in CAPTURING_CLIENTS else OTHER_CLIENT
        MEMORIES_CAPTURED.labels(known).inc(added)
        if added:
            self._indexer.wake()
        return Captured(added, len(memories) - added)

    @repeatable
    async def _keep(
        self, client: str, memories: Sequence[TransferredMemory], event: str | None
    ) -> int:
        """Store new messages; return their number. Preparing them takes no connection."""
        space_id = memories[0].space_id
        async with self._database.in_space(space_id) as conn:
            known = await known_among(conn, memories)
            masking = await self._masking_of(conn, space_id)
        linked = with_new_links(memories, known)
        new = [one for one in memories if (one.space_id, one.memory_id) not in known]
        while True:
            prepare = partial(_prepare, new, masking, self._masking.known)
            arriving = await self._threads.run(prepare) if new else []
            async with self._database.in_space(space_id) as conn:
                if (masks_now := await self._masking_of(conn, space_id)) != masking:
                    masking = masks_now
                    continue
                added = 0
                if arriving:
                    added = await store_arrivals(conn, arriving, source=f"hook:{client}")
                await link_known(conn, linked)
                if event is not None:
                    await record_save(conn, event)
                return added

    async def forget(self, request: SessionToForget) -> ForgetReceipt:
        """Forget the captured messages of a session, or restore them. Raises StoreError."""
        space_id, session_id, ids = request.space_id, request.session_id, list[UUID]()
        async with self._database.in_space(space_id) as conn:
            if request.own:
                ids += await saved_by(conn, space_id, session_id, request.author)
            which = (conn, space_id, ids, None if request.own else session_id)
            if request.undo:
                changed = await restore(*which)
            else:
                changed = await forget(*which, by=request.author)
            await classify_at_once(conn, space_id)
        if request.undo:
            self._indexer.wake()
            return ForgetReceipt(forgotten=0, restored=changed.count, unknown=changed.unknown)
        return ForgetReceipt(forgotten=changed.count, restored=0, unknown=changed.unknown)

    async def _masking_of(self, conn: Connection, space_id: str) -> Collection[str]:
        return await masking_spaces(conn, [space_id], by_default=self._masking.by_default)


def _prepare(
    new: Sequence[TransferredMemory],
    masking: Collection[str],
    known: Collection[str],
    check_cancelled: CheckCancelled,
) -> list[ArrivingMemory]:
    masked, now = [], datetime.now(UTC)
    for one in new:
        check_cancelled()
        dated = not_later_than(now, one)
        masked.append(masked_memory(dated, known) if one.space_id in masking else dated)
    return arriving_memories(masked, now, check_cancelled)

"""Keeps what hooks capture: each message once, by its id."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.domain.masking import masked_memory
from sage.domain.recall import Captured
from sage.metrics.catalog import CAPTURING_CLIENTS, MEMORIES_CAPTURED, OTHER_CLIENT
from sage.service.arriving import arriving_memories
from sage.store.transfer import copy_memories, known_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.domain.transfer import TransferredMemory
    from sage.service.indexing import Indexer
    from sage.service.schema_gate import SchemaGate
    from sage.store.transfer import ArrivingMemory


class CaptureService:
    """Keeps captured messages in one database."""

    def __init__(
        self, schema_gate: SchemaGate, indexer: Indexer, *, mask_secrets: bool = True
    ) -> None:
        self._database = schema_gate.database
        self._indexer = indexer
        self._mask_secrets = mask_secrets

    async def capture(self, client: str, memories: Sequence[TransferredMemory]) -> Captured:
        """Keep messages that are not there; forgotten ones stay forgotten. Raises StoreError."""
        with self._indexer.activity.call():
            async with self._database.in_space(*{one.space_id for one in memories}) as conn:
                known = await known_among(conn, memories)
                new = [one for one in memories if (one.space_id, one.memory_id) not in known]
                arriving = await asyncio.to_thread(self._prepare, new)
                added = (
                    await copy_memories(conn, arriving, source=f"hook:{client}") if arriving else 0
                )
        MEMORIES_CAPTURED.inc(client if client in CAPTURING_CLIENTS else OTHER_CLIENT, by=added)
        if added:
            self._indexer.wake()
        return Captured(added, len(memories) - added)

    def _prepare(self, new: Sequence[TransferredMemory]) -> list[ArrivingMemory]:
        if self._mask_secrets:
            new = [*map(masked_memory, new)]
        return arriving_memories(new, datetime.now(UTC))

"""Read every memory, and change the texts of some."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.access.audit.management import record_change
from sage.store.message_classes import mark_for_classification
from sage.store.named_sql import query
from sage.store.reembedding import FIRST_KEY
from sage.store.session_days import count_days_again

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.pool import Database

_COUNT_STORED = query("count_stored")
_PAGE_OF_MEMORIES = query("page_of_memories")
_REPLACE_TEXTS = query("replace_texts")

_PAGE = 256


@dataclass(frozen=True, slots=True)
class StoredText:
    """The texts of a memory that are scanned."""

    space_id: str
    memory_id: UUID
    role: str
    name: str | None
    content: str
    created_at: datetime
    metadata: Mapping[str, object]


async def count_stored(database: Database, space_id: str | None) -> int:
    """Count the memories of a space, or of all. Raises StoreError."""
    async with database.maintenance_connection() as conn:
        return int(await conn.fetchval(_COUNT_STORED, space_id))


async def pages_of_texts(
    database: Database, space_id: str | None
) -> AsyncIterator[Sequence[StoredText]]:
    """Yield the memories of a space, or of all, also forgotten ones, page by page.

    Raises StoreError.
    """
    key = FIRST_KEY
    while True:
        async with database.across_spaces() as conn:
            rows = await conn.fetch(_PAGE_OF_MEMORIES, *key, _PAGE, space_id)
        if not rows:
            return
        yield [StoredText(**row) for row in rows]
        key = (rows[-1]["space_id"], rows[-1]["memory_id"])


async def replace_texts(
    database: Database, changed: Sequence[StoredText], lexemes: Sequence[str]
) -> None:
    """Store the new texts of memories and their lexemes; their vectors are made again.

    Raises StoreError.
    """
    async with database.transaction_across_spaces() as conn:
        await record_change(conn, "mask_secrets", *(one.memory_id for one in changed))
        await conn.execute(
            _REPLACE_TEXTS,
            [one.space_id for one in changed],
            [one.memory_id for one in changed],
            [one.content for one in changed],
            [json.dumps(one.metadata) for one in changed],
            lexemes,
        )
        for space_id in {one.space_id for one in changed}:
            ids = [one.memory_id for one in changed if one.space_id == space_id]
            await mark_for_classification(conn, space_id, ids)
            await count_days_again(conn, space_id, ids)

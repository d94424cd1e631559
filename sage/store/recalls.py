"""The recall log in the database: recorded, and deleted when it expires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_core import to_json

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sage.domain.recall_log import RecallRecord
    from sage.store.connections.connection import Connection

_PURGE_RECALLS = query("purge_recalls")
_READ_WORD_KEYS = query("read_word_keys")
_RECORD_RECALLS = query("record_recalls")

_BATCH = 1_000


async def record_recalls(
    conn: Connection, recalls: Iterable[tuple[RecallRecord, Sequence[int]]]
) -> None:
    """Record occasions, each with the hashes of its words, and the memories that still exist.

    Occasions that are recorded already are skipped. Raises StoreError.
    """
    rows = [
        {
            "space_id": recall.space_id,
            "recall_id": recall.recall_id,
            "at": recall.at,
            "occasion": recall.occasion,
            "session_id": recall.session_id,
            "project": recall.project,
            "client": recall.client,
            "author": recall.author,
            "relevance": recall.relevance,
            "words": words,
            "memories": [
                {"memory_id": one.memory_id, "place": place, "probability": one.probability}
                for place, one in enumerate(recall.memories)
            ],
        }
        for recall, words in recalls
    ]
    await conn.execute(_RECORD_RECALLS, to_json(rows).decode())


async def read_word_keys(conn: Connection, space_ids: Collection[str]) -> dict[str, bytes]:
    """Return the keys with which the words of questions are hashed, by space. Raises StoreError."""
    rows = await conn.fetch(_READ_WORD_KEYS, [*space_ids])
    return {row["space_id"]: row["word_key"] for row in rows}


async def purge_recalls(conn: Connection, days: int) -> int:
    """Delete the occasions older than `days` days, batch by batch; return their number.

    Raises StoreError.
    """
    purged = 0
    while rows := await conn.fetch(_PURGE_RECALLS, days, _BATCH):
        purged += len(rows)
    return purged

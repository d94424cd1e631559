"""Read what was answered to questions, and what puts statements and answers right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_READ_REPLIES = query("read_replies")


class StoredReply(NamedTuple):
    """What replies to a memory: an answer if that `asks`, otherwise what puts it right.

    It `is_answer` if a question was answered so. `correction_id` is what puts an answer right.
    """

    reply_id: UUID
    asks: bool
    is_answer: bool
    correction_id: UUID | None


async def read_replies(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, StoredReply]:
    """Read what replies to memories, and to others that these put right.

    What has no reply is missing.
    """
    rows = await conn.fetch(_READ_REPLIES, space_id, list(memory_ids))
    return {
        row["memory_id"]: StoredReply(
            row["reply_id"], row["asks"], row["is_answer"], row["correction_id"]
        )
        for row in rows
    }

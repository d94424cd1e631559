"""Read what was answered to questions, and what puts statements and answers right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.domain.message_class import MessageClass
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_READ_REPLIES = query("read_replies")
_READ_RESPONSES = query("read_responses")
_RESPONSE_CHARS = 600


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


async def read_responses(
    conn: Connection, space_id: str, prompts: Sequence[UUID]
) -> dict[UUID, str]:
    """Read the beginning of what an assistant said to each prompt when its work was done.

    A prompt after which nothing was said, or somebody else spoke, is missing. Raises StoreError.
    """
    rows = await conn.fetch(
        _READ_RESPONSES, space_id, prompts, _RESPONSE_CHARS, MessageClass.REMARK.code
    )
    return {row["memory_id"]: row["content"] for row in rows}

"""Read memories with what was answered to them, and what puts them right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sage.domain.memories import Memory, Role
from sage.domain.message_class import MessageClass
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_READ_EXCHANGES = query("read_exchanges")
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


class Exchanges(NamedTuple):
    """Memories by their ids, and what replies to each; what has no reply is missing there."""

    memories: Mapping[UUID, Memory]
    replies: Mapping[UUID, StoredReply]


async def read_exchanges(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> Exchanges:
    """Read memories, what replies to them, and what they put right; the forgotten are missing.

    Raises StoreError.
    """
    memories: dict[UUID, Memory] = {}
    replies: dict[UUID, StoredReply] = {}
    for row in await conn.fetch(_READ_EXCHANGES, space_id, list(memory_ids)):
        shown = {**row, "role": Role(row["role"])}
        reply = StoredReply(*(shown.pop(name) for name in StoredReply._fields))
        memories[row["memory_id"]] = Memory(**shown)
        if row["reply_id"] is not None:
            replies[row["memory_id"]] = reply
    return Exchanges(memories, replies)


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

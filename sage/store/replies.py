"""Read memories with their answers and corrections."""

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
    """The reply to a memory: an answer if the memory `asks`, otherwise a correction.

    It `is_answer` if it answers a question. `correction_id` is the correction of an answer.
    """

    reply_id: UUID
    asks: bool
    is_answer: bool
    correction_id: UUID | None


class Exchanges(NamedTuple):
    """Memories by their ids, and the replies by the ids of memories that have one."""

    memories: Mapping[UUID, Memory]
    replies: Mapping[UUID, StoredReply]


async def read_exchanges(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> Exchanges:
    """Read memories, their replies, and the memories that they correct; forgotten ones are missing.

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
    """Read the beginning of the final answer of an assistant to each prompt.

    A prompt after which there is no message, or one of another speaker, is missing. Raises
    StoreError.
    """
    rows = await conn.fetch(
        _READ_RESPONSES, space_id, prompts, _RESPONSE_CHARS, MessageClass.REMARK.code
    )
    return {row["memory_id"]: row["content"] for row in rows}

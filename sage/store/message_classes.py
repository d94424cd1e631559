"""What kind of message each memory is, and what answers a question (migration 26)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sage.domain.message_class import MessageClass
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.store.connection import Connection

_READ_CLASSES = query("read_classes")


@dataclass(frozen=True, slots=True)
class StoredClass:
    """The class of a memory, the version of the rules that gave it, and what answers it.

    `reply_id` is of a question or request: the newest memory that answers it with substance, which
    is neither forgotten nor superseded. Without one it is unanswered. The version is 0 where the
    rules are to be applied again.
    """

    message_class: MessageClass
    rules_version: int
    reply_id: UUID | None = None


async def read_classes(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, StoredClass]:
    """Read the classes of memories. Those that are missing count as statements."""
    rows = await conn.fetch(_READ_CLASSES, space_id, list(memory_ids))
    return {row["memory_id"]: _stored(row) for row in rows}


def _stored(row: Mapping[str, Any]) -> StoredClass:
    return StoredClass(MessageClass.of_code(row["class"]), row["rules_version"], row["reply_id"])

"""Read what was answered to questions, and what replaced an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_READ_REPLIES = query("read_replies")


async def read_replies(
    conn: Connection, space_id: str, questions: Sequence[UUID], answers: Sequence[UUID]
) -> dict[UUID, UUID]:
    """Read what was answered to questions, and what was answered later to those of answers.

    What has no reply, or no later one, is missing.
    """
    rows = await conn.fetch(_READ_REPLIES, space_id, list(questions), list(answers))
    return {row["memory_id"]: row["reply_id"] for row in rows}

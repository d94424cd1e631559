"""Delete memories, and all that names them, in one transaction of the caller's."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sage.store.memories import delete_empty_sessions
from sage.store.message_classes import withdraw_replies
from sage.store.named_sql import query
from sage.store.replacements import settle_superseded
from sage.store.session_days import count_sessions_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sage.service.erasure.catalog import ErasableTable
    from sage.store.connections.connection import Connection

_REPLACED_BY = query("replaced_by")


async def delete_memories(
    conn: Connection,
    tables: Sequence[ErasableTable],
    space_id: str,
    chosen: Sequence[Mapping[str, Any]],
) -> Counter[str]:
    """Delete chosen memories of a space, and their sessions where these are empty now.

    What they alone replaced holds again, and what they answered is unanswered. Returns how many
    rows of each table that were. Raises StoreError.
    """
    ids = [row["memory_id"] for row in chosen]
    replaced = [row["replaced_id"] for row in await conn.fetch(_REPLACED_BY, space_id, ids)]
    await withdraw_replies(conn, space_id, ids)
    erased: Counter[str] = Counter()
    for table in tables:
        if table.of_memories is not None:
            erased[table.name] += await conn.fetchval(table.of_memories, space_id, ids)
    sessions = {row["session_id"] for row in chosen}
    erased["sessions"] += await delete_empty_sessions(conn, ((space_id, one) for one in sessions))
    erased["session_days"] += await count_sessions_again(conn, space_id, sessions)
    if replaced:
        await settle_superseded(conn, space_id, replaced)
    return erased

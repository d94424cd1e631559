"""Records that a memory is still valid. Its rank does not change."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sage.domain.confirming import Confirmation
from sage.errors import NotFoundError
from sage.phrases import phrase
from sage.store.identification import identify, with_all_parts
from sage.store.named_sql import query
from sage.store.repeating import repeatable

if TYPE_CHECKING:
    from sage.domain.confirming import ConfirmRequest
    from sage.store.connections.pool import Database

_CONFIRM = query("confirm_memories")


@repeatable
async def confirm_memory(database: Database, request: ConfirmRequest) -> Confirmation:
    """Record that a memory is valid now, or with `undo` remove the confirmation.

    Of a message that was split for its length all parts are confirmed. Raises NotFoundError,
    InvalidInputError if a short id matches several, StoreError.
    """
    space_id, given = request.space_id, request.memory_id
    whole, short = ([given], []) if isinstance(given, UUID) else ([], [given])
    async with database.in_space(space_id) as conn:
        named = await identify(conn, space_id, whole, short, field="memory_id")
        parts = await with_all_parts(conn, space_id, named.memory_ids)
        values = (space_id, parts, request.author, not request.undo)
        rows = {row["memory_id"]: row for row in await conn.fetch(_CONFIRM, *values)}
    confirmed = next((rows[one] for one in named.memory_ids if one in rows), None)
    if confirmed is None:
        raise NotFoundError(
            phrase("memory {memory_id} does not exist", memory_id=given),
            hint="pass an id that save or search returned",
        )
    return Confirmation(**confirmed)

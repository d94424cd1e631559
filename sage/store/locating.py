"""Everything that is known about one memory, and which filters it passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.memories import Role
from sage.domain.message_class import MessageClass
from sage.domain.reading import MemoryDetails
from sage.store.named_sql import query
from sage.store.search import filter_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.searching import Filters
    from sage.store.connections.connection import Connection

_READ_DETAILS = query("read_details")
_PASSES = query("memory_passes")


async def read_details(
    conn: Connection, space_id: str, memory_id: UUID, model_id: int
) -> MemoryDetails | None:
    """Read a memory, forgotten or not; None if it does not exist."""
    row = await conn.fetchrow(_READ_DETAILS, space_id, memory_id, model_id)
    if row is None:
        return None
    columns = dict(row)
    kind = MessageClass.of_code(columns.pop("class") or 0)
    columns |= {name: tuple(columns[name]) for name in ("replaces", "superseded_by")}
    return MemoryDetails(**columns | {"role": Role(columns["role"]), "kind": kind})


async def passes(  # noqa: PLR0913 - the memory, and the filters
    conn: Connection,
    space_id: str,
    memory_id: UUID,
    filters: Filters,
    *,
    but: Sequence[MessageClass] = (),
    oldest: datetime | None = None,
) -> bool:
    """Return whether a memory, no older than `oldest` and in no class of `but`, passes filters.

    A memory with an answer passes whatever its class.
    """
    classes = [one.code for one in but]
    values = (space_id, memory_id, classes, oldest, *filter_values(filters))
    return bool(await conn.fetchval(_PASSES, *values))

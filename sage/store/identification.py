"""Find the memories that a caller names by whole or short ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.errors import InvalidInputError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection

_FIND_OTHER_PARTS = query("find_other_parts")
_FIND_SHORT_IDS = query("find_short_ids")


@dataclass(frozen=True, slots=True)
class Identified:
    """The ids of memories, each once, and the short ids that no memory has."""

    memory_ids: list[UUID]
    unknown: tuple[str, ...]


async def identify(
    conn: Connection,
    space_id: str,
    memory_ids: Sequence[UUID],
    short_ids: Sequence[str],
    *,
    field: str = "memory_ids",
) -> Identified:
    """Add the memories of which `short_ids` are the last 8 digits to those named by whole ids.

    Whole ids come first, unchecked. Raises InvalidInputError where a short id is the end of
    several.
    """
    found: dict[str, UUID] = {}
    for row in await conn.fetch(_FIND_SHORT_IDS, space_id, list(short_ids)) if short_ids else ():
        if row["short_id"] in found:
            raise InvalidInputError(
                field,
                phrase("{field}: {short_id} is the end of several ids", short_id=row["short_id"]),
                hint="pass the whole id",
            )
        found[row["short_id"]] = row["memory_id"]
    named = [*memory_ids, *(found[short] for short in short_ids if short in found)]
    unknown = dict.fromkeys(short for short in short_ids if short not in found)
    return Identified(list(dict.fromkeys(named)), tuple(unknown))


async def with_all_parts(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> list[UUID]:
    """Add the other parts of messages that were split for their length and are shown as one."""
    rows = await conn.fetch(_FIND_OTHER_PARTS, space_id, list(memory_ids)) if memory_ids else ()
    return list(dict.fromkeys([*memory_ids, *(row["memory_id"] for row in rows)]))

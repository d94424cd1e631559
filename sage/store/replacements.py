"""Which memories replace which, and so which of them are valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.store.message_classes import mark_for_classification
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.domain.transfer import TransferredMemory
    from sage.store.connections.connection import Connection

_FIND_CORRECTION = query("find_correction")
_FIND_REPLACEABLE = query("find_replaceable")
_LINK_ARRIVALS = query("link_arrivals")
_IS_REPLACED = query("is_replaced")
_SETTLE_SUPERSEDED = query("settle_superseded")


async def unknown_among(conn: Connection, space_id: str, memory_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the ids that no memory has, or only a forgotten one."""
    rows = await conn.fetch(_FIND_REPLACEABLE, space_id, list(memory_ids))
    known = {row["memory_id"] for row in rows}
    return [memory_id for memory_id in memory_ids if memory_id not in known]


async def find_correction(
    conn: Connection, space_id: str, memory_id: UUID, content: str
) -> UUID | None:
    """Find a memory that is not forgotten, replaces another one, and has exactly this text."""
    found: UUID | None = await conn.fetchval(_FIND_CORRECTION, space_id, memory_id, content)
    return found


async def settle_superseded(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], session_id: str | None = None
) -> None:
    """Update which memories are superseded after some were forgotten, restored or copied in."""
    settled = await conn.fetch(_SETTLE_SUPERSEDED, space_id, list(memory_ids), session_id)
    await mark_for_classification(conn, space_id, [row["memory_id"] for row in settled])


def with_new_links(
    memories: Sequence[TransferredMemory], known: Mapping[tuple[str, UUID], TransferredMemory]
) -> list[TransferredMemory]:
    """Return those of the memories that are stored already and now replace further ones."""
    return [
        one
        for one in memories
        if one.replaces
        and (kept := known.get((one.space_id, one.memory_id)))
        and not {*one.replaces} <= {*kept.replaces, one.memory_id}
    ]


async def link_known(conn: Connection, memories: Sequence[TransferredMemory]) -> None:
    """Link stored memories to the further ones that they replace, all or none."""
    if memories:
        async with conn.transaction():
            await link_arrivals(conn, memories)


async def link_arrivals(conn: Connection, arrived: Sequence[TransferredMemory]) -> None:
    """Link new memories to those that they replace; return the superseded ones."""
    links = [
        (one.space_id, one.memory_id, replaced) for one in arrived for replaced in one.replaces
    ]
    if links:
        await conn.execute(_LINK_ARRIVALS, *map(list, zip(*links, strict=True)))
    for space_id in dict.fromkeys(one.space_id for one in arrived):
        ids = [one.memory_id for one in arrived if one.space_id == space_id]
        if await conn.fetchval(_IS_REPLACED, space_id, ids):
            await settle_superseded(conn, space_id, ids)

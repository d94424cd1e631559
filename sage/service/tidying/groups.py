"""Groups of memories as lists show them: which of each stays, and which can go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.tidying import TidyGroup
from sage.store.tidying import read_shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from sage.store.connections.connection import Connection


async def groups_of(
    conn: Connection,
    space_id: str,
    groups: Sequence[Sequence[UUID]],
    *,
    more: Sequence[int] = (),
    alike: Sequence[Collection[UUID]] = (),
) -> tuple[TidyGroup, ...]:
    """Read groups of memories, the newest of each first, of which one stays.

    That is each to which others refer, or else the newest; of those that are `alike` the others are
    suggested to be forgotten, by default of all. `more` are there of each than are given.
    """
    shown = await read_shown(conn, space_id, [one for group in groups for one in group])
    made = []
    for number, group in enumerate(groups):
        there = [shown[one] for one in group if one in shown]
        if not there:
            continue
        same = alike[number] if alike else [memory.memory_id for memory, _ in there]
        stays = {memory.memory_id for memory, is_referred_to in there if is_referred_to}
        if stays.isdisjoint(same):
            stays.add(next((one for one in group if one in same and one in shown), group[0]))
        memories = tuple(
            replace(memory, suggested=memory.memory_id in same and memory.memory_id not in stays)
            for memory, _ in there
        )
        made.append(TidyGroup(memories, more[number] if more else 0))
    return tuple(made)

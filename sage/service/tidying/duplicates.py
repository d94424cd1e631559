"""Lists of duplicates: word for word near each other in time, or nearly equal anywhere."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from sage.domain.listing import ListPosition
from sage.domain.tidying import TidyGroup, TidyPage
from sage.retrieval.text.duplicates import MAX_CHARS, canonical_form, is_near_duplicate
from sage.store.tidying import (
    count_totals,
    find_duplicates,
    nearest_of,
    read_comparable,
    read_shown,
    walk,
)
from sage.store.vector_indexes import read_vector_indexes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.tidying import TidyRequest
    from sage.service.schema_gate import SchemaGate
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database
    from sage.store.tidying import Comparable

_EQUAL_STEP = 2_000
_EQUAL_REACH = 2_000
"""The maximum number of memories between two that are compared."""
_MAX_LISTED = 10
_STEP = 100
_NEAREST = 8
_FARTHEST = 0.2
"""The distance of vectors up to which texts are compared."""
_MAX_BYTES = 4 * MAX_CHARS


async def duplicates(database: Database, request: TidyRequest) -> TidyPage:
    """Find equal texts of one speaker, starting with the newest memories. Raises StoreError.

    A group is listed in the place of its newest memory.
    """
    async with database.in_space(request.space_id) as conn:
        walked = await find_duplicates(
            conn, request, step=_EQUAL_STEP, reach=_EQUAL_REACH, most=_MAX_LISTED
        )
        found = walked.found[: request.limit]
        groups = await _groups_of(
            conn,
            request.space_id,
            [one.memory_ids for one in found],
            more=[one.number - len(one.memory_ids) for one in found],
        )
        total, _ = await count_totals(conn, request.space_id)
    end, looked_at, has_more = walked.end, walked.looked_at, walked.has_more
    if len(walked.found) > len(found):
        last = found[-1]
        end = ListPosition(last.created_at, last.memory_ids[0])
        looked_at, has_more = last.place, True
    return TidyPage(
        kind=request.kind,
        groups=groups,
        sessions=(),
        next_cursor=end.to_cursor() if end and has_more else None,
        looked_at=looked_at,
        looked_back_to=end.created_at if end else None,
        total=total,
    )


class NearDuplicates:
    """Finds memories that differ only in form, by the vectors of the active model."""

    def __init__(self, schema_gate: SchemaGate) -> None:
        self._gate = schema_gate

    async def page(self, request: TidyRequest) -> TidyPage:
        """Compare memories, newest first, each with the nearest ones of its space.

        Memories without a vector are not compared. Raises StoreError.
        """
        model_id = (await self._gate.active_model()).model_id
        async with self._gate.database.across_spaces() as conn:
            indexes = await read_vector_indexes(conn)
        async with self._gate.database.in_space(request.space_id) as conn:
            walked = await walk(conn, request, _STEP + 1)
            step = walked[:_STEP]
            pairs = await nearest_of(
                conn,
                request.space_id,
                model_id,
                [one.memory_id for one in step],
                indexes,
                limit=_NEAREST,
                farthest=_FARTHEST,
                most_bytes=_MAX_BYTES,
            )
            ids = {one for pair in pairs for one in pair}
            texts = await read_comparable(conn, request.space_id, [*ids], _MAX_BYTES)
        found = await asyncio.to_thread(_grouped, pairs, texts)
        kept = found[: request.limit]
        async with self._gate.database.in_space(request.space_id) as conn:
            groups = await _groups_of(
                conn,
                request.space_id,
                kept,
                alike=[_of_one_form(group, texts) for group in kept],
            )
            total, _ = await count_totals(conn, request.space_id)
        end, looked_at = (step[-1] if step else None), len(step)
        has_more = len(walked) > len(step)
        if len(found) > len(kept):
            looked_at = 1 + next(
                place for place, one in enumerate(step) if one.memory_id == kept[-1][0]
            )
            end, has_more = step[looked_at - 1], True
        cursor = ListPosition(end.created_at, end.memory_id).to_cursor() if end else None
        return TidyPage(
            kind=request.kind,
            groups=groups,
            sessions=(),
            next_cursor=cursor if has_more else None,
            looked_at=looked_at,
            looked_back_to=end.created_at if end else None,
            total=total,
        )


def _grouped(
    pairs: Sequence[tuple[UUID, UUID]], texts: Mapping[UUID, Comparable]
) -> list[list[UUID]]:
    """Return groups of memories that are each like another of the group, newest first.

    A group whose newest memory is not one of those compared is on an earlier page.
    """
    groups: dict[UUID, set[UUID]] = {}
    for one, other in pairs:
        here, there = texts.get(one), texts.get(other)
        if here is None or there is None or (here.role, here.name) != (there.role, there.name):
            continue
        if is_near_duplicate(here.content, there.content):
            joined = groups.get(one, {one}) | groups.get(other, {other})
            groups |= dict.fromkeys(joined, joined)

    def place(memory_id: UUID) -> tuple[datetime, int]:
        return texts[memory_id].place

    looked_at = {one for one, _ in pairs}
    ordered = [sorted(group, key=place, reverse=True) for group in groups.values()]
    found = {group[0]: group for group in ordered if group[0] in looked_at}
    return sorted(found.values(), key=lambda group: place(group[0]), reverse=True)


def _of_one_form(group: Sequence[UUID], texts: Mapping[UUID, Comparable]) -> list[UUID]:
    """Return the memories of a group that differ from its newest only in form."""
    form = canonical_form(texts[group[0]].content)
    return [one for one in group if canonical_form(texts[one].content) == form]


async def _groups_of(
    conn: Connection,
    space_id: str,
    groups: Sequence[Sequence[UUID]],
    *,
    more: Sequence[int] = (),
    alike: Sequence[Collection[UUID]] = (),
) -> tuple[TidyGroup, ...]:
    """Read groups of memories, newest first, of each of which one is to be kept.

    That is every memory to which others refer, or else the newest; if they are `alike` the others
    are suggested to be forgotten, by default in all groups. `more` are the numbers of memories that
    each has beyond those given.
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

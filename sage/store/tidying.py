"""Walks over a space, the newest first, for what may be forgotten; each reads a bounded part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pgvector import HalfVector

from sage.domain.listing import ListPosition
from sage.domain.memories import Role
from sage.domain.tidying import TidyMemory
from sage.store.listing import AFTER_ALL, read_summary
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.listing import SessionSummary
    from sage.domain.tidying import TidyRequest
    from sage.store.connections.connection import Connection
    from sage.store.vector_indexes import VectorIndexes

_COMPARABLE = query("tidy_comparable")
_DUPLICATES = query("tidy_duplicates")
_NEAREST = query("tidy_nearest")
_NEAREST_INDEXED = query("tidy_nearest_indexed")
_POINTS = query("tidy_points")
_RECORDED_SINCE = query("tidy_recorded_since")
_SESSIONS = query("tidy_sessions")
_SHOWN = query("tidy_shown")
_SUMMARIES = query("tidy_session_summaries")
_SUPERSEDED = query("tidy_superseded")
_TEXTS = query("tidy_texts")
_TOTALS = query("tidy_totals")
_UNRECALLED = query("tidy_unrecalled")
_WALK = query("tidy_walk")

_PREVIEW_CHARS = 300


class Walked(NamedTuple):
    """A memory that a walk came to."""

    memory_id: UUID
    created_at: datetime
    size_bytes: int


class Repeated(NamedTuple):
    """Memories that say the same word for word: the first of `number`, the newest first.

    `place` is that of the newest among those looked at, from 1, and `created_at` its time.
    """

    place: int
    created_at: datetime
    memory_ids: Sequence[UUID]
    number: int


class Duplicates(NamedTuple):
    """What a walk for equal texts found, and where it ended; `end` is None where nothing was."""

    found: Sequence[Repeated]
    end: ListPosition | None
    looked_at: int
    there_is_more: bool


class Superseded(NamedTuple):
    """A memory that was replaced, since when it was said, and by what; None where it is not now."""

    memory_id: UUID
    created_at: datetime | None
    newer_id: UUID | None


class Unrecalled(NamedTuple):
    """A memory that a walk came to, and whether it was never handed out though it could be."""

    memory_id: UUID
    created_at: datetime
    is_unrecalled: bool


@dataclass(frozen=True, slots=True)
class Comparable:
    """What of a memory is compared, and its place in the order of all."""

    memory_id: UUID
    role: str
    name: str | None
    content: str
    created_at: datetime
    arrival: int

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands: later places are newer."""
        return self.created_at, self.arrival


class SessionWalked(NamedTuple):
    """A session that a walk came to, and whether a person said anything in it."""

    session_id: str
    placed_at: datetime
    place: UUID
    has_person: bool


async def count_totals(conn: Connection, space_id: str) -> tuple[int, int]:
    """Count the memories and the sessions of a space."""
    row = await conn.fetchrow(_TOTALS, space_id)
    return (0, 0) if row is None else (row["memories"], row["sessions"])


async def walk(conn: Connection, request: TidyRequest, limit: int) -> list[Walked]:
    """Find up to `limit` memories that follow the place of a request, the newest first."""
    return [Walked(**row) for row in await conn.fetch(_WALK, *_place(request), limit)]


async def find_duplicates(
    conn: Connection, request: TidyRequest, *, step: int, reach: int, most: int
) -> Duplicates:
    """Find which of `step` memories repeat others word for word, of `reach` before or after them.

    Of each up to `most` are named; there is one group more than the request takes where there are.
    """
    rows = await conn.fetch(_DUPLICATES, *_place(request), step, reach, most, request.limit + 1)
    if not rows:
        return Duplicates((), None, 0, there_is_more=False)
    *found, end = rows
    return Duplicates(
        [
            Repeated(row["place"], row["created_at"], row["memory_ids"], row["number"])
            for row in sorted(found, key=lambda row: row["place"])
        ],
        ListPosition(end["created_at"], end["memory_id"]),
        end["place"],
        there_is_more=end["number"] > end["place"],
    )


async def nearest_of(  # noqa: PLR0913 - whose vectors, and how near
    conn: Connection,
    space_id: str,
    model_id: int,
    memory_ids: Sequence[UUID],
    indexes: VectorIndexes,
    *,
    limit: int,
    farthest: float,
    most_bytes: int,
) -> list[tuple[UUID, UUID]]:
    """Find pairs of memories with vectors near to each other: one of those given, and another.

    Up to `limit` for each; texts of more than `most_bytes` have none.
    """
    points = await conn.fetch(_POINTS, space_id, model_id, list(memory_ids), most_bytes)
    if not points:
        return []
    vectors = [point["embedding"] for point in points]
    near = (space_id, model_id, [HalfVector(one.to_numpy()) for one in vectors], limit, farthest)
    if indexes.cover(space_id, model_id):
        rows = await conn.fetch(_NEAREST_INDEXED, *near, vectors[0].dimensions())
    else:
        rows = await conn.fetch(_NEAREST, *near)
    pairs = [(points[row["number"] - 1]["memory_id"], row["memory_id"]) for row in rows]
    return [(one, other) for one, other in pairs if one != other]


async def read_comparable(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], most_bytes: int
) -> dict[UUID, Comparable]:
    """Read what of memories is compared; those are missing that are not to be."""
    rows = await conn.fetch(_COMPARABLE, space_id, list(memory_ids), most_bytes)
    return {row["memory_id"]: Comparable(**row) for row in rows}


async def walk_superseded(
    conn: Connection, space_id: str, before: UUID | None, limit: int
) -> list[Superseded]:
    """Find up to `limit` memories that were replaced, what was kept last first."""
    return [Superseded(**row) for row in await conn.fetch(_SUPERSEDED, space_id, before, limit)]


async def recorded_since(conn: Connection, space_id: str) -> datetime | None:
    """Return since when it is recorded what is handed out of a space; None where it is not."""
    since: datetime | None = await conn.fetchval(_RECORDED_SINCE, space_id)
    return since


async def walk_unrecalled(
    conn: Connection, request: TidyRequest, before: datetime, limit: int
) -> list[Unrecalled]:
    """Find up to `limit` memories that follow the place of a request and were said before a time.

    The newest come first.
    """
    rows = await conn.fetch(_UNRECALLED, *_place(request), limit, before)
    return [Unrecalled(**row) for row in rows]


async def read_texts(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, tuple[str, Mapping[str, object]]]:
    """Read contents and metadata of memories, by their ids."""
    rows = await conn.fetch(_TEXTS, space_id, list(memory_ids))
    return {row["memory_id"]: (row["content"], row["metadata"]) for row in rows}


async def walk_sessions(conn: Connection, request: TidyRequest, limit: int) -> list[SessionWalked]:
    """Find up to `limit` sessions that follow the place of a request, the latest first."""
    return [SessionWalked(**row) for row in await conn.fetch(_SESSIONS, *_place(request), limit)]


async def read_summaries(
    conn: Connection, space_id: str, session_ids: Sequence[str]
) -> dict[str, SessionSummary]:
    """Read what lists show of sessions, by their ids."""
    rows = await conn.fetch(_SUMMARIES, space_id, list(session_ids), _PREVIEW_CHARS)
    return {row["session_id"]: read_summary(row) for row in rows}


async def read_shown(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, tuple[TidyMemory, bool]]:
    """Read what lists show of memories, by their ids, each with whether others refer to it."""
    rows = await conn.fetch(_SHOWN, space_id, list(memory_ids), _PREVIEW_CHARS)
    shown = {}
    for row in rows:
        values = {**row, "role": Role(row["role"])}
        is_referred_to = values.pop("is_referred_to")
        shown[row["memory_id"]] = (TidyMemory(**values), is_referred_to)
    return shown


def _place(request: TidyRequest) -> tuple[str, datetime, UUID | None]:
    start = request.position or AFTER_ALL
    return request.space_id, start.created_at, start.memory_id

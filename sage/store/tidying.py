"""Read a space, newest first, for memories to forget; each call reads a bounded part."""

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


class ScannedMemory(NamedTuple):
    """A memory that was examined."""

    memory_id: UUID
    created_at: datetime
    size_bytes: int


class Repeated(NamedTuple):
    """Memories with the same text: the first of `number`, newest first.

    `place` is that of the newest among those examined, from 1, and `created_at` its time.
    """

    place: int
    created_at: datetime
    memory_ids: Sequence[UUID]
    number: int


class Duplicates(NamedTuple):
    """The groups of equal texts, and where reading ended; `end` is None if nothing was read."""

    found: Sequence[Repeated]
    end: ListPosition | None
    looked_at: int
    has_more: bool


class Superseded(NamedTuple):
    """A replaced memory, its time, and its replacement; None if it is not replaced now."""

    memory_id: UUID
    created_at: datetime | None
    newer_id: UUID | None


class Unrecalled(NamedTuple):
    """A memory that was examined, and whether it was never recalled though it could have been."""

    memory_id: UUID
    created_at: datetime
    is_unrecalled: bool


@dataclass(frozen=True, slots=True)
class Comparable:
    """The values of a memory that are compared, and its position in the order of all."""

    memory_id: UUID
    role: str
    name: str | None
    content: str
    created_at: datetime
    arrival: int

    @property
    def place(self) -> tuple[datetime, int]:
        """Its position: later ones are newer."""
        return self.created_at, self.arrival


class ScannedSession(NamedTuple):
    """A session that was examined, and whether it has a message of a person."""

    session_id: str
    placed_at: datetime
    place: UUID
    has_person: bool


async def count_totals(conn: Connection, space_id: str) -> tuple[int, int]:
    """Count the memories and the sessions of a space."""
    row = await conn.fetchrow(_TOTALS, space_id)
    return (0, 0) if row is None else (row["memories"], row["sessions"])


async def walk(conn: Connection, request: TidyRequest, limit: int) -> list[ScannedMemory]:
    """Read up to `limit` memories that follow the position of a request, newest first."""
    return [ScannedMemory(**row) for row in await conn.fetch(_WALK, *_place(request), limit)]


async def find_duplicates(
    conn: Connection, request: TidyRequest, *, step: int, reach: int, most: int
) -> Duplicates:
    """Find which of `step` memories have the text of others, of `reach` before or after them.

    Of each group up to `most` are included; if there are more groups than the request asks for, one
    more is returned.
    """
    rows = await conn.fetch(_DUPLICATES, *_place(request), step, reach, most, request.limit + 1)
    if not rows:
        return Duplicates((), None, 0, has_more=False)
    *found, end = rows
    return Duplicates(
        [
            Repeated(row["place"], row["created_at"], row["memory_ids"], row["number"])
            for row in sorted(found, key=lambda row: row["place"])
        ],
        ListPosition(end["created_at"], end["memory_id"]),
        end["place"],
        has_more=end["number"] > end["place"],
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
    """Find pairs of memories whose vectors are near each other: one of those given, and another.

    Up to `limit` for each; none for texts of more than `most_bytes`.
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
    """Read the values of memories that are compared; those not to be compared are missing."""
    rows = await conn.fetch(_COMPARABLE, space_id, list(memory_ids), most_bytes)
    return {row["memory_id"]: Comparable(**row) for row in rows}


async def walk_superseded(
    conn: Connection, space_id: str, before: UUID | None, limit: int
) -> list[Superseded]:
    """Read up to `limit` replaced memories, the latest stored first."""
    return [Superseded(**row) for row in await conn.fetch(_SUPERSEDED, space_id, before, limit)]


async def recorded_since(conn: Connection, space_id: str) -> datetime | None:
    """Return when the recall log of a space begins; None if there is none."""
    since: datetime | None = await conn.fetchval(_RECORDED_SINCE, space_id)
    return since


async def walk_unrecalled(
    conn: Connection, request: TidyRequest, before: datetime, limit: int
) -> list[Unrecalled]:
    """Read up to `limit` memories that follow the position of a request and are before a time.

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


async def walk_sessions(conn: Connection, request: TidyRequest, limit: int) -> list[ScannedSession]:
    """Read up to `limit` sessions that follow the position of a request, latest first."""
    return [ScannedSession(**row) for row in await conn.fetch(_SESSIONS, *_place(request), limit)]


async def read_summaries(
    conn: Connection, space_id: str, session_ids: Sequence[str]
) -> dict[str, SessionSummary]:
    """Read the summaries of sessions for lists, by their ids."""
    rows = await conn.fetch(_SUMMARIES, space_id, list(session_ids), _PREVIEW_CHARS)
    return {row["session_id"]: read_summary(row) for row in rows}


async def read_shown(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, tuple[TidyMemory, bool]]:
    """Read memories as lists show them, by their ids, each with whether others refer to it."""
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

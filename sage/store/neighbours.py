"""Read the neighbours of memories, and the relevant parts of long ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgvector import HalfVector

from sage.domain.candidates import Neighbour, Surroundings
from sage.domain.memories import Memory, Role
from sage.store.named_sql import query
from sage.store.search import UNINFORMATIVE_CODES, filter_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sage.domain.embedding import EmbeddedQuestion
    from sage.domain.searching import Filters
    from sage.store.connections.connection import Connection

_NEIGHBOURS = query("read_neighbours")
_NEAREST_CHUNKS = query("nearest_chunks")


async def read_surroundings(  # noqa: PLR0913 - the space, whose neighbours, which of them
    conn: Connection,
    *,
    space_id: str,
    memory_ids: Sequence[UUID],
    reach: int,
    longest_chars: int,
    filters: Filters,
) -> Surroundings:
    """Read up to `reach` turns before and after each memory; one may be a neighbour of several.

    Turns that the filters exclude are left out, and turns of more than `longest_chars` characters.
    """
    rows = await conn.fetch(
        _NEIGHBOURS,
        space_id,
        list(memory_ids),
        reach,
        longest_chars,
        *filter_values(filters),
        UNINFORMATIVE_CODES,
    )
    arrivals = {row["beside"]: row["beside_arrival"] for row in rows}
    around = [row for row in rows if row["memory_id"] is not None]
    arrivals |= {row["memory_id"]: row["arrival"] for row in around}
    return Surroundings(tuple(map(_neighbour, around)), arrivals)


async def nearest_chunks(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID], question: EmbeddedQuestion
) -> dict[UUID, tuple[int, int]]:
    """Return the start and end of the chunk nearest to a question in each memory, in characters.

    Memories without vectors of its model are missing.
    """
    point = HalfVector(question.vector)
    rows = await conn.fetch(_NEAREST_CHUNKS, space_id, question.model_id, list(memory_ids), point)
    return {row["memory_id"]: (row["starts_at"], row["ends_at"]) for row in rows}


def _neighbour(row: Mapping[str, Any]) -> Neighbour:
    columns = (
        *("memory_id", "session_id", "name", "content", "created_at", "metadata"),
        *("author", "source", "confirmed_at"),
    )
    memory = Memory(role=Role(row["role"]), **{column: row[column] for column in columns})
    return Neighbour(memory, row["beside"], row["distance"])

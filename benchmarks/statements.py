"""SQL statements for benchmarks: floors, and states that no call of Sage produces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pgvector import HalfVector

from sage.store.named_sql import load_queries
from sage.store.search import filter_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.embedding import Vectors
    from sage.domain.searching import Filters
    from sage.store.connections.connection import Connection
    from sage.store.memories import NewMemory

_FILE = Path(__file__).with_suffix(".sql")
QUERIES = load_queries([(_FILE.name, _FILE.read_text(encoding="utf-8"))])
_SESSION = QUERIES["floor_session"]
_INSERT = QUERIES["floor_insert"]
_EMPTY_QUEUE = QUERIES["empty_queue"]
_FILL_QUEUE = QUERIES["fill_queue"]
_FORGET_QUEUE = QUERIES["forget_queue"]
_SETTLE = QUERIES["settle_tables"]
_NEAREST = QUERIES["floor_nearest"]
_DISTANCES = QUERIES["floor_distances"]
_COUNT_VECTORS = QUERIES["count_vectors"]
_LIST_BACKENDS = QUERIES["list_backends"]


async def make_session(conn: Connection, space_id: str, session_id: str) -> None:
    """Create a session to insert into."""
    await conn.execute(_SESSION, space_id, session_id)


async def bare_insert(
    conn: Connection, space_id: str, session_id: str, rows: Sequence[NewMemory]
) -> None:
    """Insert messages and commit, without retry key and queue."""
    await conn.execute(
        _INSERT,
        space_id,
        session_id,
        [row.memory.memory_id for row in rows],
        [row.memory.role.value for row in rows],
        [row.memory.content for row in rows],
        [row.memory.created_at for row in rows],
        [row.lexemes for row in rows],
    )


async def settle(conn: Connection) -> None:
    """Empty the queue, and vacuum and analyze the tables, as after many writes.

    It takes long for many rows: the connection needs a sufficient timeout.
    """
    await conn.execute(_FORGET_QUEUE)
    await conn.execute(_SETTLE)


async def fill_queue(conn: Connection) -> None:
    """Queue every memory for embedding; takes as long as `settle`."""
    await conn.execute(_FILL_QUEUE)


async def empty_queue(conn: Connection) -> None:
    """Empty the embedding queue."""
    await conn.execute(_EMPTY_QUEUE)


async def bare_nearest(  # noqa: PLR0913, PLR0917 - the space, the point, the filters
    conn: Connection, space_id: str, model_id: int, vector: Vectors, filters: Filters, limit: int
) -> list[float]:
    """Return the distances of the nearest memories, by an exact comparison with the filters."""
    point = HalfVector(vector)
    values = (space_id, model_id, point, limit, *filter_values(filters))
    return [row["distance"] for row in await conn.fetch(_NEAREST, *values)]


async def distances_of(
    conn: Connection, space_id: str, model_id: int, vector: Vectors, memory_ids: Sequence[UUID]
) -> dict[UUID, float]:
    """Return the distances of memories from a vector."""
    point = HalfVector(vector)
    rows = await conn.fetch(_DISTANCES, space_id, model_id, point, list(memory_ids))
    return {row["memory_id"]: row["distance"] for row in rows}


async def count_vectors(conn: Connection, space_id: str, model_id: int) -> int:
    """Return the number of vectors of a space that searches can find."""
    return int(await conn.fetchval(_COUNT_VECTORS, space_id, model_id))


async def list_backends(conn: Connection) -> list[int]:
    """Return the process ids of the backends of this database."""
    return [row["pid"] for row in await conn.fetch(_LIST_BACKENDS)]


async def list_builders(conn: Connection) -> list[int]:
    """Return the process ids of the backends that build an index in this database."""
    return [row["pid"] for row in await conn.fetch(QUERIES["list_builders"])]


async def blocks_read(conn: Connection) -> int:
    """Return the number of blocks of this database read so far, from cache or not."""
    return int(await conn.fetchval(QUERIES["blocks_read"]))


async def relation_bytes(conn: Connection) -> int:
    """Return the size of all tables of Sage with their indexes, in bytes."""
    return int(await conn.fetchval(QUERIES["relation_bytes"]))


async def drop_vectors(conn: Connection, space_id: str, memory_id: UUID) -> None:
    """Delete the vectors of a memory, without queueing it."""
    await conn.execute(QUERIES["drop_vectors"], space_id, memory_id)


async def count_nearer(conn: Connection, space_id: str, vector: Vectors, memory_id: UUID) -> int:
    """Return the rank of a memory by distance from a vector: 1 is the nearest."""
    point = HalfVector(vector)
    return int(await conn.fetchval(QUERIES["count_nearer"], space_id, point, memory_id))

"""HNSW indexes over the vectors of large spaces, one for each model and space.

A small space is read whole, which is exact and needs no maintenance. Indexes are built and dropped
without blocking anyone (CONCURRENTLY), on a connection of their own. Builders in any number of
processes take turns; an index that a killed one left unfinished is dropped by the next.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sage.domain.memories import IndexBuild
from sage.store.build_settings import Machine, build_bytes, build_settings
from sage.store.idle_spaces import list_idle_spaces
from sage.store.named_sql import query
from sage.store.unlinked_vectors import record_unlinked_vectors
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sage.store.build_settings import BuildSettings
    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

MIN_ROWS = 5_000
MAX_INDEXES = 100
SPACES_A_LOOK = 500
"""The number of spaces checked at a time for those that have grown large."""

_DENSE_FROM = 200_000
"""Of so many vectors, more lie near each other than an index usually compares a new one with: links
to others get lost (docs/adr/0073)."""

_MIN_MEANINGFUL_PROGRESS = 0.02
"""Until this part of a build is done no remaining time is reported."""

_UNHURRIED = {"idle_in_transaction_session_timeout": "0"}

_ALLOWED_MEMORY = query("allowed_build_memory")
_BOUND_TRANSACTION = query("bound_transaction")
_INDEX_BUILD = query("index_build")
_LARGEST_WITHOUT = query("largest_without_index")
_LIST_COMMON = query("list_common_spaces")
_LIST_BROKEN = query("list_broken_vector_indexes")
_LIST_MISSING = query("list_missing_vector_indexes")
_LIST_OF_MODEL = query("list_vector_indexes")
_READ_INDEXES = query("read_vector_indexes")
_SPACES_BEING_ERASED = query("spaces_being_erased")
_TRY_LOCK = query("try_lock_index_build")
_WALK_LARGE = query("walk_large_spaces")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class VectorIndexes:
    """The names of the indexes that were ready when they were read.

    `vectors` is roughly the number of vectors, of all spaces and models.
    """

    names: frozenset[str] = frozenset()
    vectors: float = math.inf

    def cover(self, space_id: str, model_id: int) -> bool:
        """Return whether a space has an index over the vectors of a model."""
        digest = hashlib.md5(space_id.encode(), usedforsecurity=False).hexdigest()
        return f"embeddings_hnsw_{model_id}_{digest}" in self.names


async def read_vector_indexes(conn: Connection) -> VectorIndexes:
    """Read which indexes are ready, of all models."""
    rows = await conn.fetch(_READ_INDEXES)
    return VectorIndexes(
        frozenset(row["name"] for row in rows),
        min((row["vectors"] for row in rows), default=math.inf),
    )


class LargeSpaces:
    """Finds the spaces of a model with over `fewest_rows` vectors, in one part of all at each call.

    A call costs the same however many spaces there are: the planner's statistics name the largest
    ones at once, and all others take turns.
    """

    def __init__(
        self, model_id: int, *, fewest_rows: int = MIN_ROWS, spaces_a_look: int = SPACES_A_LOOK
    ) -> None:
        self.model_id = model_id
        self._fewest_rows = fewest_rows
        self._spaces_a_look = spaces_a_look
        self._after = ""

    async def look(self, database: Database) -> frozenset[str]:
        """Return the large ones among the next spaces, and those that may be. Raises StoreError."""
        most = self._spaces_a_look
        async with database.across_spaces() as conn:
            common = await conn.fetch(_LIST_COMMON)
            walked = await conn.fetch(
                _WALK_LARGE, self.model_id, self._fewest_rows, self._after, most
            )
        self._after = walked[-1]["space_id"] if len(walked) == most else ""
        large = (row["space_id"] for row in walked if row["is_large"])
        return frozenset([*large, *(row["space_id"] for row in common)])

    async def all(self, database: Database) -> frozenset[str]:
        """Return the large ones among all spaces, and those that may be. Raises StoreError."""
        self._after = ""
        found = await self.look(database)
        while self._after:
            found |= await self.look(database)
        return found


async def build_vector_indexes(
    database: Database,
    model_id: int,
    *,
    fewest_rows: int = MIN_ROWS,
    among: Collection[str] | None = None,
) -> int | None:
    """Build the index of every space with over `fewest_rows` vectors of a model that lacks one.

    Of the spaces `among`, or of all, except those that are being erased. Return how many were
    built; None at once while another process builds. May take minutes; searches and saves are not
    blocked. When it is cancelled or killed, the next call cleans up and starts again. Vectors that
    the new indexes do not reach are recorded afterwards, when others may build again. Raises
    StoreError.
    """
    if among is None:
        among = await LargeSpaces(model_id, fewest_rows=fewest_rows).all(database)
    built = await _build_missing(database, model_id, fewest_rows, among)
    if built:
        await record_unlinked_vectors(database, model_id, among=built)
    return None if built is None else len(built)


async def _build_missing(
    database: Database, model_id: int, fewest_rows: int, among: Collection[str]
) -> frozenset[str] | None:
    """Build missing indexes; return their spaces, or None while another process builds."""
    async with database.across_spaces() as conn:
        allowed, machine = await _build_memory(conn)
    async with database.transaction_across_spaces() as locked:
        await locked.execute(_BOUND_TRANSACTION, list(_UNHURRIED), list(_UNHURRIED.values()))
        # The command tag is read and not the row: a fetched row would hold its snapshot, which
        # a concurrent build waits for.
        if (await locked.execute(_TRY_LOCK)).endswith(" 0"):
            return None
        # The pool of a restore has one connection, which is `locked`.
        async with database.maintenance_connection() as conn:
            wanted = {*among} - await _spaces_being_erased(conn)
            await _execute_each(conn, _LIST_BROKEN)
            missing = await conn.fetch(
                _LIST_MISSING, model_id, fewest_rows, MAX_INDEXES, list(wanted), _DENSE_FROM
            )
        built: set[str] = set()
        for row in missing:
            chosen = build_settings(row["vectors"], row["dimensions"], allowed, machine)
            async with database.maintenance_connection(chosen.of_server()) as conn:
                if row["space_id"] in await _spaces_being_erased(conn):
                    continue
                log.info(
                    "vector_index_begun",
                    vectors=row["vectors"],
                    memory_mib=chosen.memory_mib,
                    wanted_mib=chosen.wanted_mib,
                    workers=chosen.workers,
                )
                await conn.execute(row["statement"])
            built.add(row["space_id"])
        return frozenset(built)


async def list_spaces_being_erased(database: Database) -> frozenset[str]:
    """Return the spaces that are being erased as a whole. Raises StoreError."""
    async with database.across_spaces() as conn:
        return await _spaces_being_erased(conn)


async def _spaces_being_erased(conn: Connection) -> frozenset[str]:
    return frozenset(row["space_id"] for row in await conn.fetch(_SPACES_BEING_ERASED))


async def unfitting_build(database: Database, model_id: int) -> BuildSettings | None:
    """Return the largest build due or running if its graph does not fit into memory, else None.

    A build that does not fit still finishes, but takes several times as long. Raises StoreError.
    """
    unwanted = await list_idle_spaces(database) | await list_spaces_being_erased(database)
    async with database.across_spaces() as conn:
        row = await conn.fetchrow(_LARGEST_WITHOUT, model_id, MIN_ROWS, list(unwanted))
        if row is None:
            return None
        allowed, machine = await _build_memory(conn)
        build = await read_index_build(conn)
    if build is not None and machine is not None:
        taken = int(build.progress * build_bytes(row["vectors"], row["dimensions"]))
        machine = replace(machine, memory_bytes=machine.memory_bytes + taken)
    chosen = build_settings(row["vectors"], row["dimensions"], allowed, machine)
    return None if chosen.fits else chosen


async def _build_memory(conn: Connection) -> tuple[int, Machine | None]:
    """Return the server's memory for a build, in bytes, and the machine if it is this one."""
    allowed = int(await conn.fetchval(_ALLOWED_MEMORY))
    return allowed, Machine.here() if conn.is_local else None


async def read_index_build(conn: Connection, space_id: str | None = None) -> IndexBuild | None:
    """Return the progress of the build of an index, of a space or of any; None if there is none.

    Builds of other users than the database user of Sage are not visible.
    """
    row = await conn.fetchrow(_INDEX_BUILD, space_id)
    if row is None:
        return None
    progress, remaining_s = row["progress"], None
    if progress >= _MIN_MEANINGFUL_PROGRESS:
        remaining_s = round(row["took_s"] * (1 - progress) / progress)
    return IndexBuild(round(progress, 3), remaining_s)


async def drop_vector_indexes(database: Database, model_id: int) -> int:
    """Drop the indexes of a model, after a running build; return how many. Raises StoreError."""
    async with database.maintenance_connection() as conn:
        return len(await _execute_each(conn, _LIST_OF_MODEL, model_id))


async def _execute_each(
    conn: Connection, listing: str, *args: object
) -> Sequence[Mapping[str, Any]]:
    """Execute the statements that a query returns: names and constants cannot be parameters of DDL.

    Return the rows of that query.
    """
    rows = await conn.fetch(listing, *args)
    for row in rows:
        await conn.execute(row["statement"])
    return rows

"""Read what a search needs: names, candidates by words and by vectors, what stands around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from pgvector import HalfVector

from sage.domain.candidates import FoundColumns, PlannerStatistics
from sage.domain.memories import Memory, Role
from sage.domain.searching import Filters
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from numpy.typing import NDArray

    from sage.domain.embedding import Vectors
    from sage.store.connection import Connection
    from sage.store.vector_indexes import VectorIndexes

_NAMES = query("search_names")
_VECTORS = query("search_vectors")
_STATISTICS = query("search_statistics")
_LEXICAL = query("search_lexical")
_NEAREST = query("search_nearest")
_NEAREST_FILTERED = query("search_nearest_filtered")
_EVIDENCE = query("search_evidence")
_HITS = query("search_hits")
_SINCE = query("search_since")
_NO_FILTERS = Filters()
_CHUNKS = (600, 4_000)
"""How many to look at, and at how many where those were chunks of too few memories."""
_FEW = 10_000
"""As many memories are compared one by one in the time an index is walked to where enough pass."""
_EPOCH = np.datetime64("2000-01-01", "us")
_NUMBERS = np.dtype(
    [
        ("created_at", ">i8"),  # microseconds since the epoch of Postgres
        ("arrival", ">i8"),
        ("word_rank", ">f4"),
        ("is_candidate", "?"),
        ("asks", "?"),
        ("speaks_of_self", "?"),
        ("dated", "?"),
        ("timed", "?"),
    ]
)


async def known_names(
    conn: Connection,
    space_id: str,
    words: Sequence[str],
    fewest_calls: int,
    statistics: PlannerStatistics,
) -> frozenset[str]:
    """Report which folded `words` are names: of a speaker, or called `fewest_calls` times."""
    shares = statistics.share_by_term
    common = [word for word in words if f"@by:{word}" in shares or f"@to:{word}" in shares]
    rare = [word for word in words if word not in common]
    rows = await conn.fetch(_NAMES, space_id, common, rare, fewest_calls)
    return frozenset(row["word"] for row in rows)


async def read_statistics(conn: Connection) -> PlannerStatistics:
    """Read what Postgres knows of the memories since it last analyzed them."""
    shares: dict[str, dict[str, float]] = {"rows": {}, "term": {}, "space": {}}
    for row in await conn.fetch(_STATISTICS):
        shares[row["kind"]][row["value"]] = row["share"]
    return PlannerStatistics(shares["rows"].get("", 0.0), shares["term"], shares["space"])


async def lexical_candidates(  # noqa: PLR0913 - the space, the two queries, the filters
    conn: Connection, *, space_id: str, matching: str, ranking: str, filters: Filters, limit: int
) -> list[UUID]:
    """Find memories that the tsquery `matching` holds for, in the order of `ranking`."""
    rows = await conn.fetch(_LEXICAL, space_id, matching, ranking, limit, *filter_values(filters))
    return _ids(rows)


async def nearest_candidates(  # noqa: PLR0913 - the space, the point, the filters
    conn: Connection,
    *,
    space_id: str,
    model_id: int,
    vector: Vectors,
    filters: Filters,
    indexes: VectorIndexes,
    limit: int,
) -> list[UUID]:
    """Find the memories whose vectors of a model are nearest to `vector`, the nearest first.

    Exact, but for a large space: there its index finds nearly all of them, or every vector is read
    where it finds too few.
    """
    point = HalfVector(vector)
    indexed = indexes.queries_for(model_id, space_id)
    if filters == _NO_FILTERS:
        if indexed is not None:
            for chunks in _CHUNKS:
                found = _ids(await conn.fetch(indexed.nearest, point, space_id, limit, chunks))
                if len(found) == limit:
                    return found
        return _ids(await conn.fetch(_NEAREST, space_id, model_id, point, limit))
    values = (space_id, model_id, point, limit, *filter_values(filters))
    if indexed is not None:
        row = await conn.fetchrow(indexed.filtered, *values, _FEW)
        if row is not None and (row["by_key"] or len(row["memory_ids"]) == limit):
            return list(row["memory_ids"])
    return _ids(await conn.fetch(_NEAREST_FILTERED, *values))


async def read_evidence(  # noqa: PLR0913 - the candidates and what they are compared with
    conn: Connection,
    *,
    space_id: str,
    candidates: Sequence[UUID],
    tsquery: str,
    terms: Sequence[str],
    model_id: int | None,
    dimensions: int,
    near: Vectors | None = None,
) -> tuple[FoundColumns, Vectors]:
    """Read candidates and their neighbours with what ranks them by their text, and their vectors.

    `tsquery` is the whole question and `terms` its parts, all as literals of a tsquery. Candidates
    that are forgotten or of another space are left out; neighbours need not pass any filter. The
    order is no particular one.
    The vectors are as `read_vectors` gives them; without `near` those of memories that were cut
    into chunks are NaN, too, and without `model_id` all of them.
    """
    point = None if near is None else HalfVector(near)
    values = (space_id, list(candidates), tsquery, list(terms), model_id, point)
    rows = await conn.fetch(_EVIDENCE, *values) if candidates else []
    # A row of the driver gives its values in turn, unlike a mapping, and faster than `values` does.
    columns = list(zip(*cast("Sequence[Sequence[Any]]", rows), strict=True)) or [()] * 7
    memory_id, session_id, role, name, wire, term_ranks, embeddings = columns
    numbers = np.frombuffer(b"".join(wire), dtype=_NUMBERS)
    found = FoundColumns(
        is_candidate=numbers["is_candidate"],
        memory_id=_objects(memory_id),
        session_id=_objects(session_id),
        role=_objects(role),
        name=_objects(name),
        created_at=_EPOCH + numbers["created_at"].astype("timedelta64[us]"),
        arrival=numbers["arrival"].astype(np.int64),
        word_rank=numbers["word_rank"].astype(np.float64),
        term_ranks=_ranks(term_ranks, len(terms)),
        asks=numbers["asks"],
        speaks_of_self=numbers["speaks_of_self"],
        dated=numbers["dated"],
        timed=numbers["timed"],
    )
    return found, _vectors(embeddings, dimensions)


async def read_vectors(
    conn: Connection, space_id: str, model_id: int, memory_ids: Sequence[UUID], near: Vectors
) -> Vectors:
    """Read one vector a memory, that of its chunk nearest to `near`; NaN where it has none yet.

    Shape (len(memory_ids), dimensions), in the order of the ids.
    """
    rows = await conn.fetch(_VECTORS, space_id, model_id, list(memory_ids), HalfVector(near))
    embeddings = {row["memory_id"]: row["embedding"] for row in rows}
    return _vectors([embeddings.get(memory_id) for memory_id in memory_ids], len(near))


def _vectors(embeddings: Sequence[bytes | None], dimensions: int) -> Vectors:
    """Decode what halfvec_send wrote."""
    vectors = np.full((len(embeddings), dimensions), np.nan, dtype=np.float32)
    wire = np.dtype([("header", "V4"), ("halves", ">f2", (dimensions,))])
    vectors[_there(embeddings)] = np.frombuffer(_end_to_end(embeddings), wire)["halves"]
    return vectors


def _ranks(lines: Sequence[bytes | None], terms: int) -> NDArray[np.float64]:
    """Decode what float4send wrote, a line a memory, nothing where all are 0."""
    ranks = np.zeros((len(lines), terms))
    ranks[_there(lines)] = np.frombuffer(_end_to_end(lines), ">f4").reshape(-1, max(terms, 1))
    return ranks


def _there(lines: Sequence[bytes | None]) -> NDArray[np.bool_]:
    return np.fromiter((line is not None for line in lines), dtype=bool, count=len(lines))


def _end_to_end(lines: Sequence[bytes | None]) -> bytes:
    return b"".join(filter(None, lines))


def _objects(values: Sequence[object]) -> NDArray[np.object_]:
    return np.fromiter(values, dtype=object, count=len(values))


async def has_memories_since(conn: Connection, space_id: str, when: datetime) -> bool:
    """Return whether anything in a space was said at that time or later."""
    return bool(await conn.fetchval(_SINCE, space_id, when))


async def read_hits(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, Memory]:
    """Read memories by their ids; those forgotten meanwhile are missing."""
    rows = await conn.fetch(_HITS, space_id, list(memory_ids))
    return {row["memory_id"]: Memory(**{**row, "role": Role(row["role"])}) for row in rows}


def _ids(rows: Sequence[Mapping[str, Any]]) -> list[UUID]:
    return [row["memory_id"] for row in rows]


def filter_values(filters: Filters) -> tuple[object, ...]:
    """Return the values of the parameters that queries with filters end with."""
    return (
        filters.session_id,
        filters.role,
        filters.after,
        filters.before,
        dict(filters.metadata) or None,
    )

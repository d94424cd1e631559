"""Read what a search needs: names, candidates by words and by vectors, what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from pgvector import HalfVector

from sage.domain.memories import Memory, Role
from sage.domain.searching import Filters
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

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
_NO_FILTERS = Filters()
_HEADER_HALVES = (
    2  # a halfvec on the wire: dimensions and a spare number, 2 bytes each, then halves
)


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """Memories a search looks at, without their texts: one sequence a property, one order for all.

    The order is that of the sessions, and inside a session that of its turns; a row that is no
    candidate is here as a neighbour of one. The two turns before and after a candidate are always
    here, so that they are the rows next to it. `word_rank` is ts_rank of the whole question over
    words, speaker and date; `term_ranks` hold ts_rank of each term over the words alone, None where
    all are 0.
    """

    is_candidate: Sequence[bool] = ()
    memory_id: Sequence[UUID] = ()
    session_id: Sequence[str] = ()
    role: Sequence[str] = ()
    name: Sequence[str | None] = ()
    created_at: Sequence[datetime] = ()
    arrival: Sequence[int] = ()
    word_rank: Sequence[float] = ()
    term_ranks: Sequence[Sequence[float] | None] = ()
    asks: Sequence[bool] = ()
    speaks_of_self: Sequence[bool] = ()
    dated: Sequence[bool] = ()
    timed: Sequence[bool] = ()


@dataclass(frozen=True, slots=True)
class PlannerStatistics:
    """How many memories there are, and which share of them the commonest terms and spaces have."""

    memories: float
    share_by_term: Mapping[str, float]
    share_by_space: Mapping[str, float]


async def known_names(
    conn: Connection,
    space_id: str,
    words: Sequence[str],
    fewest_calls: int,
    statistics: PlannerStatistics,
) -> frozenset[str]:
    """Tell which folded `words` are names: of a speaker, or called `fewest_calls` times."""
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
    rows = await conn.fetch(_LEXICAL, space_id, matching, ranking, limit, *_filter_values(filters))
    return [row["memory_id"] for row in rows]


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

    Exact, but for a large space without filters: there its index finds nearly all of them.
    """
    point = HalfVector(vector)
    if filters != _NO_FILTERS:
        values = (space_id, model_id, point, limit, *_filter_values(filters))
        rows = await conn.fetch(_NEAREST_FILTERED, *values)
    elif indexed := indexes.query_for(model_id, space_id):
        rows = await conn.fetch(indexed, point, space_id, limit)
    else:
        rows = await conn.fetch(_NEAREST, space_id, model_id, point, limit)
    return [row["memory_id"] for row in rows]


async def read_evidence(  # noqa: PLR0913 - the candidates and what they are compared with
    conn: Connection,
    *,
    space_id: str,
    candidates: Sequence[UUID],
    tsquery: str,
    terms: Sequence[str],
    model_id: int,
    near: Vectors | None = None,
) -> tuple[FoundColumns, Vectors | None]:
    """Read candidates and their neighbours with what ranks them by their text, and their vectors.

    `tsquery` is the whole question and `terms` its parts, all as literals of a tsquery. Candidates
    that are forgotten or of another space are left out; neighbours need not pass any filter.
    The vectors are as `read_vectors` gives them; without `near` there are none.
    """
    point = None if near is None else HalfVector(near)
    rows = await conn.fetch(
        _EVIDENCE, space_id, list(candidates), tsquery, list(terms), model_id, point
    )
    if not rows:
        return FoundColumns(), None if near is None else _vectors([], len(near))
    # A row of the driver gives its values in turn, unlike a mapping, and faster than `values` does.
    *columns, embeddings = zip(*cast("Sequence[Sequence[Any]]", rows), strict=True)
    return FoundColumns(*columns), None if near is None else _vectors(embeddings, len(near))


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
    there = [place for place, embedding in enumerate(embeddings) if embedding is not None]
    vectors = np.full((len(embeddings), dimensions), np.nan, dtype=np.float32)
    wire = np.frombuffer(b"".join(filter(None, embeddings)), dtype=">f2")
    vectors[there] = wire.reshape(len(there), _HEADER_HALVES + dimensions)[:, _HEADER_HALVES:]
    return vectors


async def read_hits(
    conn: Connection, space_id: str, memory_ids: Sequence[UUID]
) -> dict[UUID, Memory]:
    """Read memories by their ids; those forgotten meanwhile are missing."""
    rows = await conn.fetch(_HITS, space_id, list(memory_ids))
    return {row["memory_id"]: Memory(**{**row, "role": Role(row["role"])}) for row in rows}


def _filter_values(filters: Filters) -> tuple[object, ...]:
    return (
        filters.session_id,
        filters.role,
        filters.after,
        filters.before,
        dict(filters.metadata) or None,
    )

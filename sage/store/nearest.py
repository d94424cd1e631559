"""Find the memories whose vectors are nearest to a point, exactly or by an index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pgvector import HalfVector

from sage.domain.searching import Filters
from sage.store.named_sql import query
from sage.store.search import filter_values, left_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.embedding import Vectors
    from sage.store.connections.connection import Connection
    from sage.store.vector_indexes import VectorIndexes

_FILTERED = query("search_nearest_filtered")
_INDEXED = query("search_nearest_indexed")
_NEAREST = query("search_nearest")

_NO_FILTERS = Filters()
_MIN_CHUNKS, _MAX_CHUNKS = 200, 600
_LOOKED_AT = 1 / 40
"""The number of chunks to examine, between the minimum and the maximum, as a share of all."""

_MANY_CHUNKS = 4_000
"""The number of chunks to examine if the first ones belong to too few memories."""

_MAX_BY_KEY_INDEXED = 10_000
"""Comparing this many memories one by one takes as long as walking an index until enough match."""

_MAX_BY_KEY = 500
"""With more it is faster to read the whole space than to look up each."""


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

    The result is exact, except in a large space: there its index finds nearly all of them, and if
    it finds too few, every vector is read.
    """
    (nearest,) = await nearest_to_each(
        conn,
        space_id=space_id,
        model_id=model_id,
        points=[vector],
        filters=filters,
        indexes=indexes,
        limit=limit,
    )
    return nearest


async def nearest_to_each(  # noqa: PLR0913 - the space, the points, the filters
    conn: Connection,
    *,
    space_id: str,
    model_id: int,
    points: Sequence[Vectors],
    filters: Filters,
    indexes: VectorIndexes,
    limit: int,
) -> list[list[UUID]]:
    """Find the memories nearest to each of some points, as `nearest_candidates` does."""
    if not points:
        return []
    length = len(points[0]) if indexes.cover(space_id, model_id) else None
    wire = [HalfVector(point) for point in points]
    if replace(filters, include_superseded=False, include_questions=False) != _NO_FILTERS:
        passing = (limit, *filter_values(filters))
        classes = left_out(filters)
        return [
            await _nearest_filtered(
                conn, space_id, model_id, point, *passing, classes=classes, length=length
            )
            for point in wire
        ]
    values = (space_id, model_id, wire, limit, filters.include_superseded, left_out(filters))
    if length is not None:
        share = int(min(indexes.vectors * _LOOKED_AT, _MAX_CHUNKS))
        first = max(share, _MIN_CHUNKS)
        for chunks, sifts in ((first, False), (_MAX_CHUNKS, True), (_MANY_CHUNKS, True)):
            rows = await conn.fetch(_INDEXED, *values, chunks, length, sifts)
            if all(len(row["memory_ids"]) == limit for row in rows):
                return [list(row["memory_ids"]) for row in rows]
    rows = await conn.fetch(_NEAREST, *values, 2 * limit)
    if not all(row["is_all"] or len(row["memory_ids"]) == limit for row in rows):
        rows = await conn.fetch(_NEAREST, *values, None)
    return [list(row["memory_ids"]) for row in rows]


async def _nearest_filtered(
    conn: Connection, *values: object, classes: Sequence[int], length: int | None
) -> list[UUID]:
    if length is not None:
        row = await conn.fetchrow(_FILTERED, *values, _MAX_BY_KEY_INDEXED, length, classes)
        if row is not None and row["is_complete"]:
            return list(row["memory_ids"])
    return list(await conn.fetchval(_FILTERED, *values, _MAX_BY_KEY, None, classes))

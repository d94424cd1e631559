"""Read what a search needs: names, candidates by words and by vectors, what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgvector import HalfVector

from sage.domain.memories import Memory, Role
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sage.domain.embedding import Vectors
    from sage.domain.searching import Filters
    from sage.store.connection import Connection

_NAMES = query("search_names")
_LEXICAL = query("search_lexical")
_EVIDENCE = query("search_evidence")
_HITS = query("search_hits")


@dataclass(frozen=True, slots=True)
class Found:
    """A memory a search looks at, without its text.

    `before` and `after` name up to two neighbours in the session, the nearest first; both are None
    when the memory is no candidate itself, only a neighbour. `cosine` is that of the chunk nearest
    to the question, None without a vector. `word_rank` is ts_rank of the whole question over words,
    speaker and date; `term_ranks` hold ts_rank of each term over the words alone.
    """

    memory_id: UUID
    before: Sequence[UUID] | None
    after: Sequence[UUID] | None
    session_id: str
    role: str
    name: str | None
    created_at: datetime
    cosine: float | None
    word_rank: float
    term_ranks: Sequence[float]
    asks: bool
    speaks_of_self: bool
    dated: bool
    timed: bool


async def known_names(
    conn: Connection, space_id: str, words: Sequence[str], fewest_calls: int
) -> frozenset[str]:
    """Tell which folded `words` are names: of a speaker, or called `fewest_calls` times."""
    rows = await conn.fetch(_NAMES, space_id, list(words), fewest_calls)
    return frozenset(row["word"] for row in rows)


async def lexical_candidates(
    conn: Connection, space_id: str, tsquery: str, filters: Filters, limit: int
) -> list[UUID]:
    """Find memories that hold any term of a tsquery, the best first."""
    rows = await conn.fetch(_LEXICAL, space_id, tsquery, *_filter_values(filters), limit)
    return [row["memory_id"] for row in rows]


async def read_evidence(  # noqa: PLR0913 - both legs meet here
    conn: Connection,
    *,
    space_id: str,
    tsquery: str,
    terms: Sequence[str],
    model_id: int,
    vector: Vectors | None,
    filters: Filters,
    limit: int,
    found: Sequence[UUID],
) -> list[Found]:
    """Read the `limit` memories nearest to `vector`, those `found` before, and their neighbours.

    `tsquery` is the whole question and `terms` its parts, all as literals of a tsquery. Neighbours
    need not pass the filters. Without a vector nothing is added to what was found.
    """
    rows = await conn.fetch(
        _EVIDENCE,
        space_id,
        tsquery,
        list(terms),
        model_id,
        None if vector is None else HalfVector(vector),
        *_filter_values(filters),
        limit,
        list(found),
    )
    return [Found(*row.values()) for row in rows]


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

"""Read the candidates of a search: by words, by vectors, and what stands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgvector import HalfVector

from sage.domain.memories import Memory, Role
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any
    from uuid import UUID

    from sage.domain.embedding import Vectors
    from sage.domain.searching import Filters
    from sage.store.connection import Connection

_LEXICAL = query("search_lexical")
_CANDIDATES = query("search_candidates")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A memory with what ranks it.

    `cosine` is that of its best chunk to the question, None without a vector. `term_ranks` holds
    ts_rank for each term of the question. `before` and `after` name up to two neighbours in the
    session, the nearest first; None marks a row that is only here as a neighbour of others.
    """

    memory: Memory
    cosine: float | None
    term_ranks: tuple[float, ...]
    before: tuple[UUID, ...] | None
    after: tuple[UUID, ...] | None


async def lexical_candidates(
    conn: Connection, space_id: str, tsquery: str, filters: Filters, limit: int
) -> list[UUID]:
    """Find memories that hold any term of a tsquery, the best first."""
    rows = await conn.fetch(_LEXICAL, space_id, tsquery, *_filter_values(filters), limit)
    return [row["memory_id"] for row in rows]


async def read_candidates(  # noqa: PLR0913 - both legs meet here
    conn: Connection,
    *,
    space_id: str,
    model_id: int,
    vector: Vectors | None,
    terms: Sequence[str],
    filters: Filters,
    limit: int,
    found: Sequence[UUID],
) -> list[Candidate]:
    """Read the `limit` memories nearest to `vector`, those `found` before, and their neighbours.

    `terms` are tsquery literals. Without a vector nothing is added to what was found.
    """
    rows = await conn.fetch(
        _CANDIDATES,
        space_id,
        list(terms),
        model_id,
        None if vector is None else HalfVector(vector),
        *_filter_values(filters),
        limit,
        list(found),
    )
    return [_candidate(row) for row in rows]


def _filter_values(filters: Filters) -> tuple[object, ...]:
    return (
        filters.session_id,
        filters.role,
        filters.after,
        filters.before,
        dict(filters.metadata) or None,
    )


def _candidate(row: Mapping[str, Any]) -> Candidate:
    return Candidate(
        memory=Memory(
            memory_id=row["memory_id"],
            session_id=row["session_id"],
            role=Role(row["role"]),
            name=row["name"],
            content=row["content"],
            created_at=row["created_at"],
            metadata=row["metadata"],
        ),
        cosine=row["cosine"],
        term_ranks=tuple(row["term_ranks"]),
        before=None if row["before"] is None else tuple(row["before"]),
        after=None if row["after"] is None else tuple(row["after"]),
    )

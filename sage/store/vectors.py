"""Vector spaces and the vectors in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pgvector import HalfVector

from sage.errors import ProviderRejectedError, StoreError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sage.domain.embedding import EmbeddingModel, Vectors
    from sage.store.connections.connection import Connection

_ADD_MODEL = query("add_model")
_FIND_CANARY = query("find_canary")
_FIND_MODEL = query("find_model")
_MODEL_DIMENSIONS = query("model_dimensions")
_STORE_VECTORS = query("store_vectors")


@dataclass(frozen=True, slots=True)
class VectorRow:
    """The vector of one chunk of a memory, shape (dimensions,).

    `starts_at` and `ends_at` are character offsets into the memory's content.
    """

    space_id: str
    memory_id: UUID
    chunk: int
    starts_at: int
    ends_at: int
    vector: Vectors


@dataclass(frozen=True, slots=True)
class Canary:
    """A text and the vector that a model made of it, shape (dimensions,), float32."""

    content: str
    vector: Vectors


async def find_canary(conn: Connection, model_id: int, max_chars: int) -> Canary | None:
    """Find a memory of at most `max_chars` characters with its vector; None if there is none."""
    row = await conn.fetchrow(_FIND_CANARY, model_id, max_chars)
    if row is None:
        return None
    return Canary(row["content"], row["embedding"].to_numpy().astype(np.float32))


async def register_model(conn: Connection, model: EmbeddingModel) -> int:
    """Return the id of a model's vector space, creating it at its first use."""
    identity = (model.provider, model.name, model.dimensions)
    for sql in (_FIND_MODEL, _ADD_MODEL, _FIND_MODEL):
        model_id = await conn.fetchval(sql, *identity)
        if model_id is not None:
            return int(model_id)
    raise StoreError(
        phrase("the model {model} could not be registered", model=model), hint="send the call again"
    )


async def store_vectors(conn: Connection, model_id: int, rows: Sequence[VectorRow]) -> None:
    """Write the vectors of chunks; if one of them cannot be compared, all are rejected.

    Raises ProviderRejectedError for a vector of the wrong length, with NaN or infinite numbers, or
    without a direction (its cosine to anything would be NaN), StoreError for an unknown model.
    """
    dimensions = await conn.fetchval(_MODEL_DIMENSIONS, model_id)
    if dimensions is None:
        raise StoreError(
            phrase("embedding model {model_id} does not exist", model_id=model_id),
            hint="register it first",
        )
    vectors = [_checked(row, dimensions) for row in rows]
    await conn.execute(
        _STORE_VECTORS,
        model_id,
        [row.space_id for row in rows],
        [row.memory_id for row in rows],
        [row.chunk for row in rows],
        [row.starts_at for row in rows],
        [row.ends_at for row in rows],
        vectors,
    )


def _checked(row: VectorRow, dimensions: int) -> HalfVector:
    """Convert to half precision, where a tiny vector may become zero and a large one overflow."""
    with np.errstate(over="ignore"):
        vector = np.asarray(row.vector).astype(np.float16)
    if vector.shape != (dimensions,):
        fault = phrase(
            "the embedding model returned a vector of shape {shape}, not ({dimensions},)",
            shape=str(vector.shape),
            dimensions=dimensions,
        )
    elif not np.isfinite(vector).all():
        fault = "the embedding model returned a vector with numbers that are not finite"
    elif not vector.any():
        fault = "the embedding model returned a vector of length zero"
    else:
        return HalfVector(vector)
    raise ProviderRejectedError(
        fault,
        detail=phrase(
            "memory {memory_id}, chunk {chunk}", memory_id=row.memory_id, chunk=row.chunk
        ),
        hint="check EMBEDDING_MODEL and EMBEDDING_DIMENSIONS; the memory is found by keyword only",
    )

"""Change the model of the vectors of a database: find missing vectors, and delete old ones."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from sage.domain.embedded_extent import EmbeddedExtent
from sage.domain.embedding import EmbeddingModel
from sage.errors import SageError
from sage.store.long_lock import long_lock
from sage.store.named_sql import query
from sage.store.vector_indexes import drop_vector_indexes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_COUNT_EMBEDDED = query("count_embedded")
_DELETE_MODEL = query("delete_model")
_DELETE_VECTORS = query("delete_vectors")
_LIST_OTHER_MODELS = query("list_other_models")
_PAGE_OF_TEXTS = query("page_of_texts")
_TRY_LOCK = query("try_lock_reembedding")

Key: TypeAlias = tuple[str, UUID]

FIRST_KEY: Key = ("", UUID(int=0))
"""Precedes the key of every memory."""

_PAGE = 256
_DELETED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class UnembeddedText:
    """A memory without vectors of a model; `extent` is the number of an `EmbeddedExtent`."""

    space_id: str
    memory_id: UUID
    content: str
    extent: int = EmbeddedExtent.WHOLE

    @property
    def key(self) -> Key:
        """Its unique identifier."""
        return self.space_id, self.memory_id


@dataclass(frozen=True, slots=True)
class Page:
    """The memories without vectors of a model among those up to a key."""

    last_key: Key
    texts: Sequence[UnembeddedText]


@dataclass(frozen=True, slots=True)
class DroppedModel:
    """A model whose vectors were deleted, and their number."""

    model: EmbeddingModel
    vectors: int


@asynccontextmanager
async def reembedding_lock(database: Database) -> AsyncIterator[None]:
    """Acquire the lock of the one process that may re-embed this database.

    It is released with its connection, so also when this process is killed; the work remains
    correct without it. Raises SageError when another process has the lock, StoreError.
    """
    async with long_lock(database, _TRY_LOCK) as is_mine:
        if not is_mine:
            raise SageError(
                "another `sage reembed` or `sage scan` is running on this database",
                hint="wait until it is done",
            )
        yield


async def count_embedded(database: Database, model_id: int) -> tuple[int, int]:
    """Count the memories with vectors of a model and those without; may take seconds.

    Raises StoreError.
    """
    async with database.maintenance_connection() as conn:
        row = await conn.fetchrow(_COUNT_EMBEDDED, model_id)
    return (0, 0) if row is None else (row["embedded"], row["unembedded"])


async def read_page(database: Database, model_id: int, after: Key) -> Page | None:
    """Read the memories that follow a key, a bounded number; None after the last.

    Start with FIRST_KEY. Memories that are saved meanwhile may be missed: start again. Raises
    StoreError.
    """
    async with database.across_spaces() as conn:
        rows = await conn.fetch(_PAGE_OF_TEXTS, model_id, *after, _PAGE)
    if not rows:
        return None
    texts = [UnembeddedText(**row) for row in rows if row["content"] is not None]
    return Page((rows[-1]["space_id"], rows[-1]["memory_id"]), texts)


async def drop_old_vectors(database: Database) -> list[DroppedModel]:
    """Delete the vectors, indexes and names of all models that are not active.

    A bounded number at a time: saves are not blocked, and after an interruption the next call
    continues. Raises StoreError.
    """
    async with database.across_spaces() as conn:
        others = await conn.fetch(_LIST_OTHER_MODELS)
    dropped = []
    for other in others:
        await drop_vector_indexes(database, other["model_id"])
        async with database.maintenance_connection() as conn:
            vectors = await _delete_vectors(conn, other["model_id"])
            await conn.execute(_DELETE_MODEL, other["model_id"])
        model = EmbeddingModel(other["provider"], other["name"], other["dimensions"])
        dropped.append(DroppedModel(model, vectors))
    return dropped


async def _delete_vectors(conn: Connection, model_id: int) -> int:
    vectors, key = 0, FIRST_KEY
    while (
        row := await conn.fetchrow(_DELETE_VECTORS, model_id, *key, _DELETED_AT_ONCE)
    ) is not None:
        vectors += row["vectors"]
        key = (row["space_id"], row["memory_id"])
    return vectors

"""The active model, which cannot change while vectors of it are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sage.domain.embedding import EmbeddingModel
from sage.domain.memories import QueueStats
from sage.errors import StoreError, StoreUnavailableError
from sage.store.named_sql import query
from sage.store.vectors import register_model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_BOUND_TRANSACTION = query("bound_transaction")
_COMPLETE_EMBEDDED = query("complete_embedded")
_ENQUEUE_UNEMBEDDED = query("enqueue_unembedded")
_INIT_ACTIVE_MODEL = query("init_active_model")
_HAS_VECTORS = query("has_vectors")
_LOCK_ACTIVE_MODEL_SHARED = query("lock_active_model_shared")
_READ_ACTIVE_MODEL = query("read_active_model")
_SET_ACTIVE_MODEL = query("set_active_model")
_LOCK_ACTIVE_MODEL = query("lock_active_model")

_SWITCH_WAIT_S = 600.0


@dataclass(frozen=True, slots=True)
class StoredModel:
    """The active model, the id of its vectors, when it was activated, and how many seconds ago."""

    model_id: int
    model: EmbeddingModel
    since: datetime
    age_s: float


async def ensure_active_model(database: Database, configured: EmbeddingModel) -> StoredModel:
    """Activate the configured model if no vector exists yet; return the active one.

    Raises StoreError.
    """
    async with database.across_spaces() as conn:
        model_id = await register_model(conn, configured)
        await conn.execute(_INIT_ACTIVE_MODEL, model_id)
        active = await read_active_model(conn)
        untouched = active.model_id != model_id and not await conn.fetchval(
            _HAS_VECTORS, active.model_id
        )
    if untouched:
        async with database.transaction_across_spaces() as conn:
            await _bound_switch(conn)
            taken = await conn.fetchval(_LOCK_ACTIVE_MODEL)
            if not await conn.fetchval(_HAS_VECTORS, taken):
                await _switch(conn, model_id, {})
            active = await read_active_model(conn)
    return active


async def read_active_model(conn: Connection) -> StoredModel:
    """Return the active model. Raises StoreError, also if Sage has never been started."""
    served = await find_active_model(conn)
    if served is None:
        raise StoreError(
            "no embedding model is active in this database yet", hint="start Sage once"
        )
    return served


async def find_active_model(conn: Connection) -> StoredModel | None:
    """Return the active model; None if Sage has never been started. Raises StoreError."""
    row = await conn.fetchrow(_READ_ACTIVE_MODEL)
    if row is None:
        return None
    model = EmbeddingModel(row["provider"], row["name"], row["dimensions"])
    return StoredModel(row["model_id"], model, row["active_since"], row["active_for_s"])


async def lock_active(conn: Connection, model_id: int) -> None:
    """Prevent a change of the active model until the transaction ends.

    Raises StoreUnavailableError if another model is active by now.
    """
    if await conn.fetchval(_LOCK_ACTIVE_MODEL_SHARED) != model_id:
        raise StoreUnavailableError(
            "another embedding model has become active in this database",
            hint="the work is repeated with that model",
        )


async def switch_active_model(
    database: Database, model_id: int, refused: Mapping[tuple[str, UUID], str]
) -> QueueStats:
    """Activate a model and queue the memories without its vectors, in one transaction.

    `refused` are memories whose text the model rejects, with the reason: they are queued as failed.
    Returns how many were queued. Raises StoreError.
    """
    async with database.transaction_across_spaces() as conn:
        await _bound_switch(conn)
        return await _switch(conn, model_id, refused)


async def _bound_switch(conn: Connection) -> None:
    """Raise the statement timeout for a switch: it touches every memory."""
    bounds = {"statement_timeout": f"{_SWITCH_WAIT_S:.0f}s"}
    await conn.execute(_BOUND_TRANSACTION, list(bounds), list(bounds.values()))


async def _switch(
    conn: Connection, model_id: int, refused: Mapping[tuple[str, UUID], str]
) -> QueueStats:
    await conn.execute(_SET_ACTIVE_MODEL, model_id, timeout_s=_SWITCH_WAIT_S)
    await conn.execute(_COMPLETE_EMBEDDED, model_id, timeout_s=_SWITCH_WAIT_S)
    queued = await conn.fetchrow(
        _ENQUEUE_UNEMBEDDED,
        model_id,
        [space_id for space_id, _ in refused],
        [memory_id for _, memory_id in refused],
        list(refused.values()),
        timeout_s=_SWITCH_WAIT_S,
    )
    return QueueStats(0, 0) if queued is None else QueueStats(**queued)

"""The progress of the change to another embedding model, counted only as often as necessary."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sage.domain.embedding import EmbeddingModel
from sage.domain.upkeep import NamedModel, Reembedding
from sage.store.named_sql import query
from sage.store.reembedding import count_embedded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sage.service.active_model import ActiveModel
    from sage.store.connections.pool import Database

_KEPT_S = 60.0
_OTHER_MODELS = query("list_newer_models")


class EmbeddingProgress:
    """Reports the active model, the model to which the vectors move, and the work that is left.

    The target is the configured model if it differs, else the newest for which `sage reembed` was
    started. Counting reads all of the data, so it is done once a minute.
    """

    def __init__(self, database: Database, model: ActiveModel) -> None:
        self._database = database
        self._model = model
        self._turn = asyncio.Lock()
        self._counted: tuple[int, int, int, datetime] | None = None
        self._kept_until = -math.inf

    async def report(self) -> Reembedding:
        """Return the progress of the change. Raises StoreError."""
        active, wanted = self._model.embedder.model, self._model.wanted
        async with self._database.across_spaces() as conn:
            others = await conn.fetch(_OTHER_MODELS)
        target = wanted if wanted != active else _newest(others)
        model_id = next((row["model_id"] for row in others if _model(row) == target), None)
        done = left = 0
        counted_at = None
        if model_id is not None:
            done, left, counted_at = await self._count(model_id)
        return Reembedding(
            active=_named(active),
            to=None if target is None else _named(target),
            begun=model_id is not None,
            done=done,
            left=left,
            counted_at=counted_at,
        )

    async def _count(self, model_id: int) -> tuple[int, int, datetime]:
        async with self._turn:
            known = self._counted
            if known is None or known[0] != model_id or time.monotonic() >= self._kept_until:
                done, left = await count_embedded(self._database, model_id)
                known = self._counted = (model_id, done, left, datetime.now(UTC))
                self._kept_until = time.monotonic() + _KEPT_S
            return known[1:]


def _newest(rows: Sequence[Mapping[str, Any]]) -> EmbeddingModel | None:
    return _model(rows[-1]) if rows and rows[-1]["is_newer"] else None


def _model(row: Mapping[str, Any]) -> EmbeddingModel:
    return EmbeddingModel(row["provider"], row["name"], row["dimensions"])


def _named(model: EmbeddingModel) -> NamedModel:
    return NamedModel(model.provider, model.name, model.dimensions)

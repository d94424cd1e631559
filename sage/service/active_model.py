"""Opens the active model of the database, and switches when another one becomes active."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.domain.embedding import PROBE_TEXT, EmbedderHandle
from sage.errors import ProviderError, SageError
from sage.phrases import phrase
from sage.service.embedding_drift import compared
from sage.store.active_model import ensure_active_model, find_active_model, read_active_model
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.store.connections.pool import Database

_POLL_S = 1.0
_LOAD_WAIT_S = 10.0
_NO_MODEL_ID = 0
_KEPT_OPEN_S = 120.0
"""Longer than any call that started with a model before the next one became active."""

log = get_logger(__name__)


class ActiveModel:
    """The embedder in use and the id of its vectors, always as a pair.

    Any process may activate another model, so the database is queried every second. The previous
    one is used until the new one is loaded: its vectors still exist.
    """

    def __init__(
        self,
        database: Database,
        configured: Embedder,
        reopen: Callable[[EmbeddingModel], Embedder],
    ) -> None:
        """Use `configured` while its model is active; `reopen` opens any other."""
        self._database = database
        self._wanted = configured.model
        self._embedder = configured
        self._handle: EmbedderHandle | None = None
        self._reopen = reopen
        self._switched = asyncio.Event()
        self._retired: list[tuple[float, Embedder]] = []

    @property
    def embedder(self) -> Embedder:
        """The embedder in use; before `initialize`, the configured one."""
        return self._embedder

    @property
    def wanted(self) -> EmbeddingModel:
        """The model that is configured."""
        return self._wanted

    @property
    def handle(self) -> EmbedderHandle:
        """The embedder to use and the id of its vectors; not before `initialize` or `find`."""
        if self._handle is None:
            raise RuntimeError("no model was settled on")
        return self._handle

    @property
    def switched(self) -> asyncio.Event:
        """An event that is set when another model replaces the one in use; new after each one."""
        return self._switched

    @property
    def advice(self) -> str:
        """The advice when another model is configured than the active one, else an empty string."""
        return move_advice(self._wanted, self._embedder.model)

    async def initialize(self) -> None:
        """Use the active model; if there are no vectors yet, activate the configured one.

        Raises StoreError.
        """
        active = await ensure_active_model(self._database, self._wanted)
        await self._begin(active.model, active.model_id)

    async def find(self) -> None:
        """Use the active model and change nothing: without one there are no vectors.

        Raises StoreError.
        """
        async with self._database.across_spaces() as conn:
            active = await find_active_model(conn)
        if active is None:
            await self._begin(self._wanted, _NO_MODEL_ID)
        else:
            await self._begin(active.model, active.model_id)

    async def follow(self) -> None:
        """Check in the database which model is active, until cancelled."""
        while True:
            await asyncio.sleep(_POLL_S)
            await self._close_retired(time.monotonic() - _KEPT_OPEN_S)
            try:
                async with self._database.across_spaces() as conn:
                    active = await read_active_model(conn)
            except SageError as error:
                log.debug("active_model_unknown", reason=error.message)
                continue
            if (active.model_id, active.model) != (self.handle.model_id, self._embedder.model):
                self._use(await self._loaded(active.model), active.model_id)
                log.info("active_model_changed", model=str(active.model), advice=self.advice)

    async def close(self) -> None:
        """Close every embedder."""
        self._retired.append((0.0, self._embedder))
        await self._close_retired(time.monotonic())

    async def _begin(self, model: EmbeddingModel, model_id: int) -> None:
        if model == self._embedder.model:
            self._embedder = compared(self._database, self._embedder, model_id)
            self._handle = EmbedderHandle(self._embedder, model_id)
        else:
            self._use(await self._opened(model), model_id)
            log.warning("model_mismatch", advice=self.advice)

    async def _opened(self, model: EmbeddingModel) -> Embedder:
        embedder = self._reopen(model)
        await embedder.start()
        return embedder

    async def _loaded(self, model: EmbeddingModel) -> Embedder:
        """Open a model and wait a bounded time until it is ready."""
        embedder = await self._opened(model)
        try:
            with suppress(ProviderError, TimeoutError):
                async with asyncio.timeout(_LOAD_WAIT_S):
                    await embedder.embed_query(PROBE_TEXT)
        except asyncio.CancelledError:
            await embedder.close()
            raise
        return embedder

    def _use(self, embedder: Embedder, model_id: int) -> None:
        self._retired.append((time.monotonic(), self._embedder))
        self._embedder = compared(self._database, embedder, model_id)
        self._handle = EmbedderHandle(self._embedder, model_id)
        self._switched.set()
        self._switched = asyncio.Event()

    async def _close_retired(self, before: float) -> None:
        for retired in [one for one in self._retired if one[0] <= before]:
            self._retired.remove(retired)
            await retired[1].close()


def move_advice(wanted: EmbeddingModel, active: EmbeddingModel) -> str:
    """Return the advice if `wanted` is configured and `active` in use; empty if they are equal."""
    if wanted == active:
        return ""
    names = [f"{model.name} ({model.provider}, {model.dimensions})" for model in (active, wanted)]
    return phrase(
        "{active} stays active, although {wanted} is configured: run `sage reembed` to switch, or"
        " configure {name} again to keep it",
        active=names[0],
        wanted=names[1],
        name=active.name,
    )

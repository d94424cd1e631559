"""Holds the model open that serves the database, and follows when another one takes over."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.domain.embedding import PROBE_TEXT, EmbedderHandle
from sage.errors import ProviderError, SageError
from sage.logs import get_logger
from sage.service.canary import compared
from sage.store.active_model import read_active_model, settle_active_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.domain.embedding import Embedder, EmbeddingModel
    from sage.store.active_model import StoredModel
    from sage.store.pool import Database

_POLL_S = 1.0
_LOAD_WAIT_S = 10.0
_KEPT_OPEN_S = 120.0
"""Longer than any call still takes that began with a model when the next one serves."""

log = get_logger(__name__)


class ActiveModel:
    """Knows the embedder in use and the id of its vectors, always as a pair.

    Any process may let another model serve, so the database is asked every second. The earlier
    model answers until the new one is loaded: its vectors are still there.
    """

    def __init__(
        self,
        database: Database,
        configured: Embedder,
        reopen: Callable[[EmbeddingModel], Embedder],
    ) -> None:
        """Use `configured` while its model serves; `reopen` opens any other."""
        self._database = database
        self._wanted = configured.model
        self._embedder = configured
        self._space: EmbedderHandle | None = None
        self._reopen = reopen
        self._switched = asyncio.Event()
        self._retired: list[tuple[float, Embedder]] = []

    @property
    def embedder(self) -> Embedder:
        """The embedder in use; before `settle`, the one that is configured."""
        return self._embedder

    @property
    def space(self) -> EmbedderHandle:
        """What to embed with, and the id of its vectors; not before `settle`."""
        if self._space is None:
            raise RuntimeError("no model was settled on")
        return self._space

    @property
    def switched(self) -> asyncio.Event:
        """Is set when another model takes over from the one in use now; a new one each time."""
        return self._switched

    @property
    def advice(self) -> str:
        """What to do when another model is configured than the one that serves, else empty."""
        return move_advice(self._wanted, self._embedder.model)

    async def settle(self) -> None:
        """Find out which model serves; where there is no vector yet, the configured one does.

        Raises StoreError.
        """
        served = await settle_active_model(self._database, self._wanted)
        if served.model == self._embedder.model:
            self._embedder = compared(self._database, self._embedder, served.model_id)
            self._space = EmbedderHandle(self._embedder, served.model_id)
            return
        self._use(await self._opened(served.model), served)
        log.warning("another_model_is_configured", advice=self.advice)

    async def follow(self) -> None:
        """Ask the database which model serves, until cancelled."""
        while True:
            await asyncio.sleep(_POLL_S)
            await self._close_retired(time.monotonic() - _KEPT_OPEN_S)
            try:
                async with self._database.connection() as conn:
                    served = await read_active_model(conn)
            except SageError as error:
                log.debug("serving_model_unknown", reason=error.message)
                continue
            if (served.model_id, served.model) != (self.space.model_id, self._embedder.model):
                self._use(await self._loaded(served.model), served)
                log.info("another_model_serves", model=str(served.model), advice=self.advice)

    async def close(self) -> None:
        """Close every embedder."""
        self._retired.append((0.0, self._embedder))
        await self._close_retired(time.monotonic())

    async def _opened(self, model: EmbeddingModel) -> Embedder:
        embedder = self._reopen(model)
        await embedder.start()
        return embedder

    async def _loaded(self, model: EmbeddingModel) -> Embedder:
        """Open a model and wait a bounded time until it answers."""
        embedder = await self._opened(model)
        try:
            with suppress(ProviderError, TimeoutError):
                async with asyncio.timeout(_LOAD_WAIT_S):
                    await embedder.embed_query(PROBE_TEXT)
        except asyncio.CancelledError:
            await embedder.close()
            raise
        return embedder

    def _use(self, embedder: Embedder, served: StoredModel) -> None:
        self._retired.append((time.monotonic(), self._embedder))
        self._embedder = compared(self._database, embedder, served.model_id)
        self._space = EmbedderHandle(self._embedder, served.model_id)
        self._switched.set()
        self._switched = asyncio.Event()

    async def _close_retired(self, before: float) -> None:
        for retired in [one for one in self._retired if one[0] <= before]:
            self._retired.remove(retired)
            await retired[1].close()


def move_advice(wanted: EmbeddingModel, serving: EmbeddingModel) -> str:
    """Report what to do when `serving` answers and `wanted` is configured; empty for the same."""
    if wanted == serving:
        return ""
    names = [f"{model.name} ({model.provider}, {model.dimensions})" for model in (serving, wanted)]
    return (
        f"{names[0]} goes on answering although {names[1]} is configured: "
        "run `sage reembed` to move, or configure the first one to stay"
    )

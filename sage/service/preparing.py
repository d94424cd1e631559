"""Brings the database to the schema of this release, and keeps trying while it is away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sage.errors import SageError, SchemaError, StoreUnavailableError
from sage.logs import get_logger
from sage.store.migrate import migrate
from sage.store.models import register_model

if TYPE_CHECKING:
    from sage.domain.embedding import EmbeddingModel
    from sage.store.pool import Database

_RETRY_S = 0.5
_WAIT_S = 5.0

log = get_logger(__name__)


class Preparation:
    """Migrates and registers the embedding model once; `model_id` is known afterwards.

    `run` ends when that is done. Until then calls wait a bounded time, and readiness says why.
    """

    def __init__(self, database: Database, model: EmbeddingModel) -> None:
        self._database = database
        self._model = model
        self._done = asyncio.Event()
        self._model_id = 0
        self._failure: SageError | None = None

    @property
    def failure(self) -> SageError | None:
        """What stands in the way; None when nothing does, or nothing is known yet."""
        return self._failure

    @property
    def done(self) -> bool:
        """Whether the database holds the schema of this release."""
        return self._done.is_set()

    async def run(self) -> None:
        """Migrate and register the model; try again until it works."""
        while True:
            try:
                await migrate(self._database)
                async with self._database.connection() as conn:
                    self._model_id = await register_model(conn, self._model)
            except SageError as error:
                if str(error) != str(self._failure):
                    log.warning("database_not_ready", reason=error.message, hint=error.hint)
                self._failure = error
                await asyncio.sleep(_RETRY_S)
            else:
                self._failure = None
                self._done.set()
                return

    async def model_id(self) -> int:
        """Wait up to 5 s for the schema and give the id of the model's vector space.

        Raises StoreUnavailableError or SchemaError.
        """
        if not self._done.is_set():
            try:
                async with asyncio.timeout(_WAIT_S):
                    await self._done.wait()
            except TimeoutError:
                raise self._unprepared() from self._failure
        return self._model_id

    def _unprepared(self) -> SageError:
        if isinstance(self._failure, SchemaError | StoreUnavailableError):
            return self._failure
        return StoreUnavailableError(
            "the database is not ready yet",
            detail="" if self._failure is None else self._failure.message,
            hint="send the call again in a few seconds",
        )

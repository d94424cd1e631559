"""Brings the database to the schema of this release, and keeps trying while it is away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from sage.errors import SageError, SchemaError, StoreUnavailableError
from sage.logs import get_logger
from sage.store.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.domain.embedding import EmbedderHandle
    from sage.service.active_model import ActiveModel
    from sage.store.pool import Database

_RETRY_S = 0.5
_WAIT_S = 5.0

log = get_logger(__name__)

_Answer = TypeVar("_Answer")


async def retry(
    work: Callable[[], Awaitable[_Answer]], *, on_failure: Callable[[SageError], None]
) -> _Answer:
    """Do work on a database that may be away, again until it succeeds.

    `on_failure` hears of each failure, and may raise it.
    """
    while True:
        try:
            return await work()
        except SageError as error:
            on_failure(error)
            await asyncio.sleep(_RETRY_S)


class SchemaGate:
    """Migrates the database once and then keeps to the model that serves it.

    Until the first is done calls wait a bounded time, and readiness says why.
    """

    def __init__(self, database: Database, serving: ActiveModel) -> None:
        self._database = database
        self._serving = serving
        self._done = asyncio.Event()
        self._failure: SageError | None = None

    @property
    def failure(self) -> SageError | None:
        """What stands in the way; None when nothing does, or nothing is known yet."""
        return self._failure

    @property
    def switched(self) -> asyncio.Event:
        """Is set when another model takes over from the one in use now."""
        return self._serving.switched

    @property
    def done(self) -> bool:
        """Whether the database holds the schema of this release."""
        return self._done.is_set()

    async def run(self) -> None:
        """Migrate and settle which model serves, again until it works; then follow the model."""
        await retry(self._settle, on_failure=self._note)
        self._failure = None
        self._done.set()
        await self._serving.follow()

    async def finished(self) -> None:
        """Wait up to 5 s for the schema. Raises StoreUnavailableError or SchemaError."""
        if self.done:
            return
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._done.wait()
        except TimeoutError:
            raise self._unprepared() from self._failure

    async def space(self) -> EmbedderHandle:
        """Wait as `finished` does, and give what to embed with and where its vectors are.

        Keep the pair for the whole of a call. Raises StoreUnavailableError or SchemaError.
        """
        await self.finished()
        return self._serving.space

    async def _settle(self) -> None:
        if not self.done:
            await migrate(self._database)
            await self._serving.settle()

    def _note(self, failure: SageError) -> None:
        if str(failure) != str(self._failure):
            log.warning("database_not_ready", reason=failure.message, hint=failure.hint)
        self._failure = failure

    def _unprepared(self) -> SageError:
        if isinstance(self._failure, SchemaError | StoreUnavailableError):
            return self._failure
        return StoreUnavailableError(
            "the database is not ready yet",
            detail="" if self._failure is None else self._failure.message,
            hint="send the call again in a few seconds",
        )

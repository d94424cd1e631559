"""Delays work until the database has the schema of this release and a model is known."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from sage.errors import BackupError, SageError, SchemaError, StoreError, StoreUnavailableError
from sage.store.migrate import create_or_require, require_schema
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sage.domain.embedding import EmbedderHandle
    from sage.service.active_model import ActiveModel
    from sage.store.connections.pool import Database

_RETRY_S = 0.5
_WAIT_S = 5.0
_BACKUP_AGAIN_S = 600.0

log = get_logger(__name__)

_Result = TypeVar("_Result")


async def retry(
    work: Callable[[], Awaitable[_Result]], *, on_failure: Callable[[SageError], None]
) -> _Result:
    """Call `work` again and again until it succeeds, on a database that may be unavailable.

    `on_failure` receives each failure, and may raise it.
    """
    while True:
        try:
            return await work()
        except SageError as error:
            on_failure(error)
            await asyncio.sleep(_RETRY_S)


class SchemaGate:
    """Upgrades the database to the schema of this release, and then follows the active model.

    With `read_only` it changes nothing: another schema is an error. `upgrade` migrates the schema,
    and receives a callback for progress; without it only an empty database gets one. Until the gate
    is open calls wait a bounded time, and readiness gives the reason.
    """

    def __init__(
        self,
        database: Database,
        model: ActiveModel,
        *,
        read_only: bool = False,
        upgrade: Callable[[Callable[[str], None]], Awaitable[object]] | None = None,
    ) -> None:
        self._bare_database = database
        self._model = model
        self._read_only = read_only
        self._upgrade = upgrade or (lambda _: create_or_require(database))
        self._upgrading = ""
        self._open = asyncio.Event()
        self._decided = asyncio.Event()
        self._looked = asyncio.Event()
        self._failure: SageError | None = None
        self._again_at = 0.0
        self.database = database.waiting_for(self.wait_ready)

    @property
    def failure(self) -> SageError | None:
        """The reason why the gate is closed; None when it is open or nothing is known yet."""
        return self._failure

    @property
    def upgrading(self) -> str:
        """What a running upgrade does; empty when there is none."""
        return self._upgrading

    @property
    def failed_for_good(self) -> bool:
        """Whether the reason why the gate is closed is permanent."""
        return isinstance(self._failure, StoreError | BackupError) and not isinstance(
            self._failure, StoreUnavailableError
        )

    @property
    def switched(self) -> asyncio.Event:
        """An event that is set when a model other than the one in use becomes active."""
        return self._model.switched

    @property
    def is_open(self) -> bool:
        """Whether the database has the schema of this release."""
        return self._open.is_set()

    async def run(self) -> None:
        """Prepare the database, again until it works; then follow the active model."""
        await retry(self._prepare, on_failure=self._note)
        self._failure = None
        self._open.set()
        self._decided.set()
        self._looked.set()
        await self._model.follow()

    async def wait_until_known(self) -> None:
        """Wait up to 5 s until it is known whether the gate opens, or an upgrade is running."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_S):
                await self._looked.wait()

    async def wait_ready(self) -> None:
        """Wait up to 5 s for the gate to open. Raises StoreUnavailableError or SchemaError."""
        if self.is_open:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_S):
                await self._decided.wait()
        if not self.is_open:
            raise self._reason() from self._failure

    async def active_model(self) -> EmbedderHandle:
        """Wait as `wait_ready` does, and return the embedder and the id of its vectors.

        Use the same pair for the whole of a call. Raises StoreUnavailableError or SchemaError.
        """
        await self.wait_ready()
        return self._model.handle

    async def _prepare(self) -> None:
        if self.is_open:
            return
        if self._read_only:
            await require_schema(self._bare_database)
            await self._model.find()
        else:
            if isinstance(self._failure, BackupError) and time.monotonic() < self._again_at:
                raise self._failure  # it took long, and would fill the disk each time
            try:
                await self._upgrade(self._note_step)
            finally:
                self._upgrading = ""
            await self._model.initialize()

    def _note_step(self, doing: str) -> None:
        self._upgrading = doing
        self._looked.set()

    def _note(self, failure: SageError) -> None:
        if str(failure) != str(self._failure):
            log.warning("database_not_ready", reason=failure.message, hint=failure.hint)
        if failure is not self._failure:
            self._again_at = time.monotonic() + _BACKUP_AGAIN_S
        self._failure = failure
        self._looked.set()
        if isinstance(failure, SchemaError | BackupError):  # waiting does not help
            self._decided.set()
        else:
            self._decided.clear()

    def _reason(self) -> SageError:
        if isinstance(self._failure, SchemaError | StoreUnavailableError):
            return self._failure
        again = "send the call again in a few seconds"
        known = self._failure or SageError(self._upgrading, hint=again)
        return StoreUnavailableError(
            "the database is not ready yet", detail=known.message, hint=known.hint
        )

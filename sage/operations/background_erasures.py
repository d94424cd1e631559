"""Erasures that go on when their caller disconnects, and at another process when this one ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sage.access.audit.event import AuditEvent, Surface, note_recorded, noting
from sage.access.authorization import require_all
from sage.domain.accounts import Erasure, ErasureProgress, ErasureState
from sage.errors import ConflictError, InvalidInputError, NotFoundError, SageError
from sage.operations.erasing import erase_target, require_managed
from sage.service.erasure.journal import DIGEST_BYTES
from sage.service.erasure.receipt import signed_receipt
from sage.service.erasure.target import ErasureTarget, measure
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.config.settings import Settings
    from sage.domain.caller import SpaceManager
    from sage.store.connections.pool import Database

_FIND_ERASURE = query("find_erasure")
_MEASURE_ERASURE = query("measure_erasure")
_UNFINISHED = query("unfinished_erasures")

_WAIT_S = 5.0
_CHECK_EVERY_S = 60.0
_ORIGIN = "background"

log = get_logger(__name__)


class BackgroundErasures:
    """The erasures of one process; what another one left unfinished is resumed.

    The journal in the database is what is to be done, a lock there decides which process does it.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._running: dict[str, asyncio.Task[Erasure]] = {}
        self._totals: dict[UUID, int] = {}

    async def run(self) -> None:
        """Resume unfinished erasures in turn, at start and every minute, until cancelled."""
        while True:
            try:
                async with self._database.across_spaces() as conn:
                    rows = await conn.fetch(_UNFINISHED)
            except SageError as error:
                log.warning("erasures_not_read", reason=error.message, retry_in_s=_CHECK_EVERY_S)
            else:
                for row in rows:
                    await self._resume(ErasureTarget.of_key(row["target"]))
            await asyncio.sleep(_CHECK_EVERY_S)

    async def close(self) -> None:
        """Stop all erasures between two batches; the next start resumes them."""
        tasks = [*self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def erase(
        self, manager: SpaceManager, target: ErasureTarget, confirmed: str
    ) -> Erasure | ErasureProgress:
        """Erase a target and its tokens permanently; resume an interrupted erasure.

        `confirmed` repeats the name of the space or of the author. The erasure goes on if the
        caller is cancelled. Whoever manages everything waits for it for some seconds only, and gets
        its progress then; others wait for the receipt, since their token may be deleted. Raises
        InvalidInputError, NotFoundError, ForbiddenError, ConflictError, SageError.
        """
        require_managed(manager, target)
        if confirmed != target.name:
            raise InvalidInputError(
                "confirm",
                "{field} is not the name of the space"
                if target.is_space
                else "{field} is not the name of the author",
                hint="pass the name again to confirm: this permanently deletes everything",
            )
        task = self._running.get(target.key)
        records = task is None  # otherwise it records who started it
        task = task or self._start(target)
        progress = None
        while progress is None:
            done, _ = await asyncio.wait([task], timeout=_WAIT_S if manager.manages_all else None)
            try:
                progress = task.result() if done else await self._progress_of(target)
            except ConflictError:
                records = False
                progress = await self._progress_of(target) if manager.manages_all else None
                if progress is None:
                    raise
        if records:
            note_recorded()
        return progress

    async def read(self, manager: SpaceManager, erasure_id: str) -> ErasureProgress:
        """Return how far an erasure is, or its receipt.

        Raises ForbiddenError, NotFoundError, StoreError.
        """
        require_all(manager)
        progress = await self._progress(erasure_id)
        if progress is not None:
            return progress
        receipt: Mapping[str, Any] = await asyncio.to_thread(
            signed_receipt, self._settings.data_dir, erasure_id
        )
        return ErasureProgress(
            ErasureTarget(**receipt["target"]).name,
            receipt["erasure_id"],
            ErasureState.ERASED,
            datetime.fromisoformat(receipt["begun_at"]),
            receipt["rows"].get("memories", 0),
            0,
            receipt,
        )

    async def _progress_of(self, target: ErasureTarget) -> ErasureProgress | None:
        """Return how far the erasure of a target is, or None if it has not begun, or has ended."""
        async with self._database.across_spaces() as conn:
            erasure_id = await conn.fetchval(_FIND_ERASURE, target.key)
        return None if erasure_id is None else await self._progress(str(erasure_id))

    async def _progress(self, erasure_id: str) -> ErasureProgress | None:
        try:
            erasure = UUID(erasure_id)
        except ValueError:
            return None
        async with self._database.across_spaces() as conn:
            row = await conn.fetchrow(_MEASURE_ERASURE, erasure, DIGEST_BYTES)
            if row is None:
                self._totals.pop(erasure, None)
                return None
            target, erased = ErasureTarget.of_key(row["target"]), int(row["memories"])
            if erasure not in self._totals:  # to count them reads the whole space
                with suppress(NotFoundError):  # it has just ended
                    self._totals[erasure] = erased + (await measure(conn, target)).memories
        left = max(0, self._totals.get(erasure, 0) - erased)
        return ErasureProgress(
            target.name, str(erasure), ErasureState.ERASING, row["taken_at"], erased, left
        )

    async def _resume(self, target: ErasureTarget) -> None:
        """Resume an erasure, unless it is running in this process, and wait until it has ended."""
        if target.key not in self._running:
            with noting(AuditEvent(Surface.PROCESS, "erase", _ORIGIN)):
                task = self._start(target, only_begun=True)
            await asyncio.wait([task])

    def _start(self, target: ErasureTarget, *, only_begun: bool = False) -> asyncio.Task[Erasure]:
        task = asyncio.create_task(self._erase(target, only_begun=only_begun))
        task.add_done_callback(partial(self._ended, target))
        self._running[target.key] = task
        return task

    async def _erase(self, target: ErasureTarget, *, only_begun: bool) -> Erasure:
        _, receipt, removed = await erase_target(
            self._database, self._settings, target, only_begun=only_begun
        )
        return Erasure(
            target.name,
            receipt["erasure_id"],
            receipt["rows"],
            tuple(removed["tokens"]),
            tuple(removed["users"]),
            receipt["left_in"],
            await asyncio.to_thread(signed_receipt, self._settings.data_dir, receipt["erasure_id"]),
        )

    def _ended(self, target: ErasureTarget, task: asyncio.Task[Erasure]) -> None:
        del self._running[target.key]
        if task.cancelled():
            return
        match task.exception():
            case None | ConflictError() | NotFoundError():
                pass
            case SageError() as error:
                log.warning("erasure_interrupted", reason=error.message, retry_in_s=_CHECK_EVERY_S)
            case error:
                log.error("erasure_interrupted", exc_info=error, retry_in_s=_CHECK_EVERY_S)

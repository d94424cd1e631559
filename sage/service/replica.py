"""Reads go to a replica once it has all that was saved before they began, else to the primary.

The primary is asked for the position of its log at the beginning of each read, so that whatever any
process of Sage has answered before is found.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sage.config.dsn import STANDBY
from sage.errors import StoreError, StoreUnavailableError
from sage.logs import get_logger
from sage.store.pool import open_database
from sage.store.replica import primary_position, replica_progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sage.config.settings import Settings
    from sage.service.context import ContextBuilder
    from sage.service.search import SearchPipeline
    from sage.store.pool import Database
    from sage.store.replica import ReplicaProgress

_ANSWER_S = 1.0
_CATCH_UP_S = 0.2
_LOOK_AGAIN_S = 0.01
_BEHIND_S = 1.0
_BROKEN_S = 5.0
"""How long a replica that is behind, or does not answer, is left alone."""

_REPLICA_TIMEOUT_S = 5.0
"""Shorter than the primary's: what a replica does not answer is asked of the primary."""

log = get_logger(__name__)

_Answer = TypeVar("_Answer")


class Replica:
    """A replica of the primary, and whether it can be read now."""

    def __init__(self, primary: Database, database: Database) -> None:
        self._primary = primary
        self.database = database
        self._left_alone_until = 0.0

    async def progress(self) -> ReplicaProgress:
        """Compare it with its primary. Raises StoreError when either does not answer within 1 s."""
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._progress_from(await self._position())
        except TimeoutError as error:
            raise StoreUnavailableError("the replica does not answer in time") from error

    async def catches_up(self) -> bool:
        """Return whether it has all that was committed before the call, waiting up to 0.2 s."""
        if time.monotonic() < self._left_alone_until:
            return False
        try:
            position = await self._position()
        except StoreError:  # whoever reads from the primary then is told why
            return False
        try:
            async with asyncio.timeout(_ANSWER_S):
                caught_up = await self._reaches(position)
        except (StoreError, TimeoutError) as error:
            self.leave_alone(error)
            return False
        if caught_up:
            await self.database.renew_vector_types()
        else:
            self._left_alone_until = time.monotonic() + _BEHIND_S
        return caught_up

    def leave_alone(self, error: Exception) -> None:
        """Do not read from it for 5 s, since it failed."""
        log.warning("replica_left_alone", reason=str(error) or type(error).__name__)
        self._left_alone_until = time.monotonic() + _BROKEN_S

    async def _position(self) -> str:
        async with self._primary.connection() as conn:
            return await primary_position(conn)

    async def _reaches(self, position: str) -> bool:
        deadline = time.monotonic() + _CATCH_UP_S
        while True:
            progress = await self._progress_from(position)
            if progress.has_it_all:
                return True
            if not progress.is_replica or time.monotonic() >= deadline:
                return False
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _progress_from(self, position: str) -> ReplicaProgress:
        async with self.database.connection() as conn:
            return await replica_progress(conn, position)


@dataclass(frozen=True, slots=True)
class Reader:
    """What answers questions from one database."""

    pipeline: SearchPipeline
    context: ContextBuilder


class Readers:
    """The reader of the primary, and that of its replica if there is one."""

    def __init__(
        self, primary: Reader, replica: Replica | None = None, of_replica: Reader | None = None
    ) -> None:
        self._primary = primary
        self._replica = replica
        self._of_replica = of_replica

    async def read(self, work: Callable[[Reader], Awaitable[_Answer]]) -> _Answer:
        """Do work that only reads, again on the primary where the replica fails.

        Raises what the work raises on the primary.
        """
        replica, reader = self._replica, self._of_replica
        if replica is not None and reader is not None and await replica.catches_up():
            try:
                return await work(reader)
            except StoreError as error:
                replica.leave_alone(error)
        return await work(self._primary)


@asynccontextmanager
async def open_replica(settings: Settings, primary: Database) -> AsyncIterator[Replica | None]:
    """Open the configured replica of the primary; None where there is none."""
    dsn = settings.database.read_dsn
    if dsn is None:
        yield None
        return
    database = await open_database(
        dsn.get_secret_value(), command_timeout_s=_REPLICA_TIMEOUT_S, kind=STANDBY
    )
    try:
        yield Replica(primary, database)
    finally:
        await database.close()

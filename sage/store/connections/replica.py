"""A replica of the database: opened, and read only while it has all that was committed before.

The primary is asked for the position of its write-ahead log at the beginning of each read, so that
reads see everything that any process of Sage has acknowledged before.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sage.config.dsn import STANDBY
from sage.errors import StoreError, StoreUnavailableError
from sage.store.connections.pool import open_database
from sage.store.named_sql import query
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pydantic import SecretStr

    from sage.store.connections.connection import Connection
    from sage.store.connections.pool import Database

_PRIMARY_POSITION = query("primary_position")
_REPLICA_PROGRESS = query("replica_progress")

_ANSWER_S = 1.0
_CATCH_UP_S = 0.2
_LOOK_AGAIN_S = 0.01
_BEHIND_S = 1.0
_BROKEN_S = 5.0
"""How long a replica is not used after it was behind or did not answer."""

_COMMAND_TIMEOUT_S = 5.0
"""Shorter than the primary's: if a replica does not answer, the primary is asked."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReplicaProgress:
    """How far a server is behind a log position; `replayed_s_ago` is the age of its last commit."""

    is_replica: bool
    bytes_behind: int
    replayed_s_ago: float

    @property
    def has_it_all(self) -> bool:
        """Whether it has everything that was committed before the position."""
        return self.is_replica and not self.bytes_behind


async def primary_position(conn: Connection) -> str:
    """Return the position to which the primary has written its log. Raises StoreError."""
    return cast("str", await conn.fetchval(_PRIMARY_POSITION))


async def replica_progress(conn: Connection, position: str) -> ReplicaProgress:
    """Return how far a replica is behind a position of its primary. Raises StoreError."""
    row = await conn.fetchrow(_REPLICA_PROGRESS, position)
    if row is None:
        raise StoreError("the replica does not report its position")
    return ReplicaProgress(**row)


class Replica:
    """A replica of the primary, and whether it can be read now."""

    def __init__(self, primary: Database, database: Database) -> None:
        self._primary = primary
        self.database = database
        self._ejected_until = 0.0

    async def progress(self) -> ReplicaProgress:
        """Compare it with its primary. Raises StoreError when either does not answer within 1 s."""
        try:
            async with asyncio.timeout(_ANSWER_S):
                return await self._progress_from(await self._position())
        except TimeoutError as error:
            raise StoreUnavailableError("the replica does not answer in time") from error

    async def catches_up(self) -> bool:
        """Return whether it has all that was committed before the call, waiting up to 0.2 s."""
        if time.monotonic() < self._ejected_until:
            return False
        try:
            position = await self._position()
        except StoreError:  # reading from the primary reports it
            return False
        try:
            async with asyncio.timeout(_ANSWER_S):
                caught_up = await self._reaches(position)
        except (StoreError, TimeoutError) as error:
            self.eject(error)
            return False
        if caught_up:
            await self.database.renew_sessions()
        else:
            self._ejected_until = time.monotonic() + _BEHIND_S
        return caught_up

    def eject(self, error: Exception) -> None:
        """Do not read from it for 5 s after a failure."""
        log.warning("replica_ejected", reason=str(error) or type(error).__name__)
        self._ejected_until = time.monotonic() + _BROKEN_S

    async def _position(self) -> str:
        async with self._primary.across_spaces() as conn:
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
        async with self.database.across_spaces() as conn:
            return await replica_progress(conn, position)


@asynccontextmanager
async def open_replica(dsn: SecretStr | None, primary: Database) -> AsyncIterator[Replica | None]:
    """Open the replica of a primary, None where no DSN names one. Nothing is connected yet."""
    if dsn is None:
        yield None
        return
    database = await open_database(
        dsn.get_secret_value(), command_timeout_s=_COMMAND_TIMEOUT_S, kind=STANDBY
    )
    try:
        yield Replica(primary, database)
    finally:
        await database.close()

"""The driver's pool of connections, which survives outages of the database."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

from sage.errors import StoreUnavailableError
from sage.phrases import phrase
from sage.store.failures import FAILURES, TRANSIENT, to_store_error

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECT_TIMEOUT_S = 3.0
_LINE_TIMEOUT_S = 30.0
"""As long as clients wait for an answer. The server limits how many may wait."""
_OUTAGE_TIMEOUT_S = 5.0
_RELEASE_TIMEOUT_S = 1.0
_CLOSE_TIMEOUT_S = 5.0
_IDLE_S = 300.0
_RENEW_AGAIN_S = 60.0
_FIRST_DELAY_S = 0.05
_MAX_DELAY_S = 0.5


@dataclass(frozen=True, slots=True)
class PoolUsage:
    """Numbers of connections: open, idle, waited for, and the maximum."""

    size: int
    idle: int
    waiting: int
    limit: int

    def __add__(self, other: PoolUsage) -> PoolUsage:
        """Return the usage of both pools together."""
        return PoolUsage(
            self.size + other.size,
            self.idle + other.idle,
            self.waiting + other.waiting,
            self.limit + other.limit,
        )


class Opener(Protocol):
    """Opens the connections of a pool, and knows what they lacked when they were opened."""

    @property
    def lacks_vectors(self) -> bool:
        """Whether the vector types did not exist yet."""

    @property
    def lacks_role(self) -> bool:
        """Whether the role for spaces could not be used as intended."""

    def expect_all(self) -> None:
        """Assume that connections opened from now on lack nothing."""

    async def open(self, *_: Any, **options: Any) -> Any:  # noqa: ANN401 - as asyncpg calls it
        """Open a connection. Raises the driver's exceptions."""


class DriverPool:
    """The driver's pool, which survives outages of the database."""

    def __init__(self, opener: Opener, max_size: int, *, keeps_idle: bool = False) -> None:
        """Open up to `max_size` connections; close those unused for five minutes or keep them."""
        self._opener = opener
        self.max_size = max_size
        self._idle_s = 0.0 if keeps_idle else _IDLE_S
        self._driver_pool: Any = None
        self._waiting = 0
        self._renew_after = 0.0
        self._down_since: float | None = None

    async def open(self, command_timeout_s: float) -> None:
        """Create the pool; it opens no connection until one is requested."""
        try:
            self._driver_pool = await asyncpg.create_pool(
                min_size=0,
                max_size=self.max_size,
                max_inactive_connection_lifetime=self._idle_s,  # 0: for ever
                connect=self._opener.open,
                reset=_keep_session,
                command_timeout=command_timeout_s,
                timeout=CONNECT_TIMEOUT_S,
            )
        except FAILURES as error:
            raise to_store_error(error) from error

    async def close(self) -> None:
        """Close every connection, by force when one does not end within 5 s."""
        with suppress(*FAILURES):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._driver_pool.close()

    @property
    def usage(self) -> PoolUsage:
        """The present numbers of connections."""
        pool = self._driver_pool
        return PoolUsage(pool.get_size(), pool.get_idle_size(), self._waiting, self.max_size)

    async def renew(self, *, all_of_them: bool = False) -> None:
        """Replace every connection before it is used again, if they lack something.

        Also those that lack nothing, if `all_of_them`. The role may never be created: for that a
        replacement is tried once a minute.
        """
        now = time.monotonic()
        may_have_come = self._opener.lacks_role and now >= self._renew_after
        if all_of_them or self._opener.lacks_vectors or may_have_come:
            self._opener.expect_all()
            self._renew_after = now + _RENEW_AGAIN_S
            await self._driver_pool.expire_connections()

    async def acquire(self) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Wait for a connection while others use them all: up to 30 s, in order of arrival.

        In the first seconds of an outage, opening one is tried again.
        """
        deadline = time.monotonic() + _LINE_TIMEOUT_S
        delay_s = _FIRST_DELAY_S
        while True:
            try:
                driver = await self._lent_by(deadline)
            except FAILURES as error:
                if self._is_busy(error):
                    raise StoreUnavailableError(
                        phrase(
                            "all {most} connections to the database are busy",
                            most=self.max_size,
                        ),
                        hint="send the call again in a moment",
                    ) from error
                if not isinstance(error, TRANSIENT) or self._patience_ends(deadline, delay_s):
                    raise to_store_error(error) from error
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _MAX_DELAY_S)
            else:
                self._down_since = None
                return driver

    async def _lent_by(self, deadline: float) -> Any:  # noqa: ANN401 - asyncpg ships no types
        self._waiting += 1
        try:
            return await self._driver_pool.acquire(timeout=max(deadline - time.monotonic(), 0))
        finally:
            self._waiting -= 1

    async def release(self, driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        """Release a connection; close one whose transaction could not be rolled back."""
        with suppress(*FAILURES):
            # A cancel request that arrives late may hit the ROLLBACK instead of its statement.
            if not driver.is_closed() and driver.is_in_transaction():
                driver.terminate()
            # The pool itself starts a task for this, which costs more than everything else it does.
            await driver._holder.release(_RELEASE_TIMEOUT_S)  # noqa: SLF001
        if self._waiting:
            await asyncio.sleep(0)  # or the task that releases it may acquire it again at once

    def _is_busy(self, error: Exception) -> bool:
        return isinstance(error, TimeoutError) and self._driver_pool.get_size() == self.max_size

    def _patience_ends(self, deadline: float, delay_s: float) -> bool:
        now = time.monotonic()
        if self._down_since is None:
            self._down_since = now
        return now + delay_s >= min(deadline, self._down_since + _OUTAGE_TIMEOUT_S)


class BackgroundPool:
    """A pool as seen by work that nobody waits for: it leaves a connection to the others.

    In a cluster such work may wait for one server of several, for as long as a statement may take.
    """

    def __init__(self, pool: DriverPool, is_distributed: Callable[[], bool]) -> None:
        """Bound how many connections of a pool are used at a time, where data is distributed."""
        self._pool = pool
        self._is_distributed = is_distributed
        self._turns = asyncio.Semaphore(max(1, pool.max_size - 1))
        self._taken: set[int] = set()

    @property
    def usage(self) -> PoolUsage:
        """How the connections of the pool are used now."""
        return self._pool.usage

    async def renew(self, *, all_of_them: bool = False) -> None:
        """Replace every connection of the pool that lacks something, or all of them."""
        await self._pool.renew(all_of_them=all_of_them)

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._pool.close()

    async def acquire(self) -> Any:  # noqa: ANN401 - asyncpg ships no types
        """Wait for a connection as the pool does, up to 30 s for others of this kind before."""
        if not self._is_distributed():
            return await self._pool.acquire()
        try:
            async with asyncio.timeout(_LINE_TIMEOUT_S):
                await self._turns.acquire()
        except TimeoutError as error:
            raise to_store_error(error) from error
        try:
            driver = await self._pool.acquire()
        except BaseException:
            self._turns.release()
            raise
        self._taken.add(id(driver))
        return driver

    async def release(self, driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        """Release a connection, as the pool does."""
        number = id(driver)
        try:
            await self._pool.release(driver)
        finally:
            if number in self._taken:
                self._taken.remove(number)
                self._turns.release()


async def _keep_session(_driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
    """Reset nothing: nothing was set."""

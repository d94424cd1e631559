"""A connection to Postgres whose failures are Sage's errors."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from sage.store.failures import FAILURES, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence

_Answer = TypeVar("_Answer")


class Connection:
    """A connection lent by `sage.store.pool.Database` for the length of an `async with`.

    Every failure of the driver or the network leaves its methods as a StoreError, with the driver's
    own exception as its cause. A query that got no answer in time ends the connection.
    """

    __slots__ = ("_driver",)

    def __init__(self, driver: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        self._driver = driver

    async def execute(self, query: str, *args: object, timeout_s: float | None = None) -> str:
        """Run a statement and give its command tag, for example `DELETE 3`."""
        return await self._answer(self._driver.execute(query, *args, timeout=timeout_s))

    async def fetch(
        self, query: str, *args: object, timeout_s: float | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Run a query and give all rows."""
        return await self._answer(self._driver.fetch(query, *args, timeout=timeout_s))

    async def fetchrow(
        self, query: str, *args: object, timeout_s: float | None = None
    ) -> Mapping[str, Any] | None:
        """Run a query and give the first row, or None."""
        return await self._answer(self._driver.fetchrow(query, *args, timeout=timeout_s))

    async def fetchval(self, query: str, *args: object, timeout_s: float | None = None) -> Any:  # noqa: ANN401 - a column has any type
        """Run a query and give the first column of the first row, or None."""
        return await self._answer(self._driver.fetchval(query, *args, timeout=timeout_s))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Commit what happens inside, or undo all of it when the block raises."""
        transaction = self._driver.transaction()
        await self._answer(transaction.start())
        try:
            yield self
        except BaseException:
            with suppress(*FAILURES):
                await transaction.rollback()
            raise
        await self._answer(transaction.commit())

    async def _answer(self, call: Awaitable[_Answer]) -> _Answer:
        try:
            return await call
        except TimeoutError as error:
            self._driver.terminate()
            raise translated(error) from error
        except FAILURES as error:
            raise translated(error) from error

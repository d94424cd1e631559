"""A connection to Postgres whose failures are Sage's errors."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, cast

from sage.store.connections.row_security import COMMIT, ROLLBACK
from sage.store.failures import BROKEN_CONNECTION, FAILURES, to_store_error
from sage.store.named_sql import DISTRIBUTED, query

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence

_BOUND_TRANSACTION = query("bound_transaction")
_NO_OTHER_FORMS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TlsServer:
    """A server reached by TLS: its address, the TLS context, and the name in the certificate."""

    host: str
    port: int
    context: ssl.SSLContext
    name: str | None


class Connection:
    """A connection of a `Database`, borrowed from its pool for the length of an `async with`.

    For every failure of the driver or the network its methods raise a StoreError, with the driver's
    exception as its cause. A query that got no answer in time ends the connection.
    """

    __slots__ = ("_driver", "_forms", "_in_block", "is_distributed")

    def __init__(self, driver: Any, *, is_distributed: bool = False) -> None:  # noqa: ANN401 - asyncpg ships no types
        """Use the queries for a distributed database if it is one."""
        self._driver = driver
        self._in_block = False
        self._forms = DISTRIBUTED if is_distributed else _NO_OTHER_FORMS
        self.is_distributed = is_distributed

    async def execute(self, query: str, *args: object, timeout_s: float | None = None) -> str:
        """Execute a statement and return its command tag, for example `DELETE 3`."""
        with self._explaining():
            tag = await self._driver.execute(self._form(query), *args, timeout=timeout_s)
            return cast("str", tag)

    async def fetch(
        self, query: str, *args: object, timeout_s: float | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Execute a query and return all rows."""
        with self._explaining():
            rows = await self._driver.fetch(self._form(query), *args, timeout=timeout_s)
            return cast("Sequence[Mapping[str, Any]]", rows)

    async def fetchrow(
        self, query: str, *args: object, timeout_s: float | None = None
    ) -> Mapping[str, Any] | None:
        """Execute a query and return the first row, or None."""
        with self._explaining():
            row = await self._driver.fetchrow(self._form(query), *args, timeout=timeout_s)
            return cast("Mapping[str, Any] | None", row)

    async def fetchval(self, query: str, *args: object, timeout_s: float | None = None) -> Any:  # noqa: ANN401 - a column has any type
        """Execute a query and return the first column of the first row, or None."""
        with self._explaining():
            return await self._driver.fetchval(self._form(query), *args, timeout=timeout_s)

    async def copy(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Copy rows into a table with COPY; `columns` are their columns, in order."""
        with self._explaining():
            await self._driver.copy_records_to_table(table, records=rows, columns=columns)

    async def copy_text(
        self, table: str, columns: Sequence[str], lines: AsyncIterator[bytes]
    ) -> None:
        """Copy lines in the text format of COPY into a table of Sage, in blocks of any size."""
        with self._explaining():
            await self._driver.copy_to_table(
                table, schema_name="sage", columns=columns, source=lines, format="text"
            )

    async def copy_out(
        self, query: str, *args: object, to: Callable[[bytes], Awaitable[None]]
    ) -> None:
        """Copy the rows of a query, in the text format of COPY, block by block."""
        with self._explaining():
            await self._driver.copy_from_query(query, *args, output=to, format="text")

    async def copy_lines(self, query: str, to: IO[bytes]) -> None:
        """Copy the rows of a query, each one JSON value, into a file, one on each line."""
        with self._explaining():
            # JSON contains no control characters, so that nothing is quoted.
            await self._driver.copy_from_query(
                query, output=to, format="csv", delimiter="\x02", quote="\x01"
            )

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine, connected by a socket in a folder."""
        transport = self._driver._transport  # noqa: SLF001 - asyncpg has no public name for it
        return bool(transport.get_extra_info("socket").family == socket.AF_UNIX)

    def tls_server(self) -> TlsServer | None:
        """Return the server of a connection with TLS, else None."""
        transport = self._driver._transport  # noqa: SLF001 - asyncpg has no public name for it
        tls = transport.get_extra_info("ssl_object")
        if tls is None:
            return None
        host, port, *_ = transport.get_extra_info("peername")
        return TlsServer(host, port, tls.context, tls.server_hostname)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Commit the statements of the block, or roll back if it raises.

        Inside a `block` it is part of that.
        """
        if self._in_block:
            yield self
            return
        with self._explaining():
            transaction = self._driver.transaction()
            with self._closing_if_cancelled():
                await transaction.start()
        try:
            yield self
        except BaseException:
            with suppress(*FAILURES):
                await transaction.rollback()
            raise
        with self._explaining():
            await transaction.commit()

    @asynccontextmanager
    async def block(self, begin: str) -> AsyncIterator[Connection]:
        """Commit the statements of the block, or roll back; `begin` starts the transaction."""
        self._in_block = True
        with self._closing_if_cancelled():
            await self.execute(begin)
        try:
            yield self
        except BaseException:
            with suppress(*FAILURES):
                await self._driver.execute(ROLLBACK)
            raise
        await self.execute(COMMIT)

    @asynccontextmanager
    async def reading_within(self, limit_s: float) -> AsyncIterator[None]:
        """Limit the time of each statement in a block that only reads; the transaction continues.

        An exception in the block, such as a timeout of a statement, leaves the transaction as it
        was.
        """
        await self.execute("SAVEPOINT reading")
        try:
            bound = f"{limit_s * 1000:.0f}ms"
            await self.fetch(_BOUND_TRANSACTION, ["statement_timeout"], [bound])
            yield
        finally:
            with suppress(*FAILURES):
                await self._driver.execute("ROLLBACK TO SAVEPOINT reading")  # resets the timeout

    def _form(self, query: str) -> str:
        return self._forms.get(query, query)

    @contextmanager
    def _closing_if_cancelled(self) -> Iterator[None]:
        """Close the connection if it is not known whether a transaction has begun."""
        try:
            yield
        except asyncio.CancelledError:
            self._driver.terminate()
            raise

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except FAILURES as error:
            if isinstance(error, BROKEN_CONNECTION):
                with suppress(*FAILURES):
                    self._driver.terminate()
            raise to_store_error(error) from error

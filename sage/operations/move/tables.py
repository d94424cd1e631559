"""The tables to move, each with the statements that move it, and the transfer of rows."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from sage.errors import MoveError, StoreError
from sage.phrases import phrase
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from sage.store.connections.connection import Connection

_STATEMENTS = query("moving_statements")
_SESSION = query("moving_session")
_READ_AS_OF_NOW = query("read_as_of_now")
_LOCK_WAIT = query("moving_lock_wait")
_BLOCKS_AHEAD = 8
_SHORT_WAIT, _LONG_WAIT, _LONG_EVERY = "700ms", "1500ms", 5
_PAUSE_S = 1.0
"""The pause between attempts, so that others continue meanwhile."""

_INSISTING_S = 60.0
_IN_THE_WAY = frozenset({"LockNotAvailableError", "DeadlockDetectedError"})
_IN_THE_WAY_ON_NODES = _IN_THE_WAY | {"InternalServerError"}
"""A node that waited too long for a lock: Citus only reports that the connection failed."""


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table, and the statements on its rows: by ranges of its key, or by keys as JSON.

    A bound is the key at which a range of a given length ends, as a JSON array of texts.
    """

    name: str
    columns: Sequence[str]
    count_rows: str
    first_bound: str
    next_bound: str
    first_rows: str
    next_rows: str
    rows_of_keys: str
    delete_keys: str
    digest_keys: str
    digest_rows: str
    empty: str
    analyze: str


@dataclass(frozen=True, slots=True)
class Sides:
    """Connections to both databases, and the tables that both have."""

    source: Connection
    target: Connection
    tables: tuple[MovedTable, ...]

    def table(self, name: str) -> MovedTable:
        """Return a table by its name. Raises MoveError if it does not exist."""
        for table in self.tables:
            if table.name == name:
                return table
        raise MoveError(
            phrase("the journal of the move names an unknown table: {name}", name=name),
            hint="start again with --restart",
        )


async def read_tables(source: Connection, target: Connection) -> tuple[MovedTable, ...]:
    """Return the tables. Raises MoveError if the two databases have different ones, StoreError."""
    tables, others = [
        tuple(MovedTable(**row) for row in await conn.fetch(_STATEMENTS))
        for conn in (source, target)
    ]
    if differing := sorted(
        {f"{one.name} ({', '.join(one.columns)})" for one in tables}
        ^ {f"{one.name} ({', '.join(one.columns)})" for one in others}
    ):
        raise MoveError(
            "the two databases do not have the same tables",
            detail=phrase("differing: {differing}", differing=differing),
            hint="run `sage migrate up` on both",
        )
    return tables


@asynccontextmanager
async def unhurried(conn: Connection) -> AsyncIterator[None]:
    """Open a transaction without timeouts, in which all rows are visible."""
    async with conn.transaction():
        await conn.execute(_SESSION)
        yield


async def insist(
    conn: Connection, work: Callable[[], Awaitable[None]], *, for_s: float = _INSISTING_S
) -> float:
    """Work in one such transaction, as `repeat` does; return when the last attempt began.

    A lock is waited for briefly, so that nobody waits long behind it, and longer every few
    attempts: only then does autovacuum give way. Raises StoreError.
    """
    attempts = count(1)

    async def attempt() -> None:
        wait = _SHORT_WAIT if next(attempts) % _LONG_EVERY else _LONG_WAIT
        async with unhurried(conn):
            await conn.execute(_LOCK_WAIT, wait)
            await work()

    return await repeat(attempt, partial(is_in_the_way, conn), for_s=for_s)


async def repeat(
    work: Callable[[], Awaitable[object]],
    is_passing: Callable[[StoreError], bool],
    *,
    for_s: float = _INSISTING_S,
) -> float:
    """Do what changes everything or nothing, again while what it fails with may pass.

    Return when the last attempt began, by the clock of `time.monotonic`. Raises StoreError.
    """
    deadline = time.monotonic() + for_s
    while True:
        began = time.monotonic()
        try:
            await work()
        except StoreError as error:
            if began > deadline or not is_passing(error):
                raise
            await asyncio.sleep(_PAUSE_S)
        else:
            return began


def is_in_the_way(conn: Connection | None, error: StoreError) -> bool:
    """Return whether others held a lock, or the transaction was ended to resolve a deadlock."""
    on_nodes = conn is not None and conn.is_distributed
    kinds = _IN_THE_WAY_ON_NODES if on_nodes else _IN_THE_WAY
    return type(error.__cause__).__name__ in kinds


@asynccontextmanager
async def as_of_now(conn: Connection) -> AsyncIterator[None]:
    """Open a transaction that reads the database as it is at its beginning.

    Nodes of a distributed database share no snapshot: each statement sees at least what those
    before it saw.
    """
    async with conn.transaction():
        if not conn.is_distributed:
            await conn.execute(_READ_AS_OF_NOW)
        await conn.execute(_SESSION)
        yield


async def carry(sides: Sides, table: MovedTable, statement: str, *args: str) -> None:
    """Copy the rows that a statement reads at the source into the table at the target.

    Both connections must be in a transaction. Raises StoreError.
    """
    blocks: asyncio.Queue[bytes] = asyncio.Queue(_BLOCKS_AHEAD)

    async def read() -> None:
        try:
            await sides.source.copy_out(statement, *args, to=blocks.put)
        finally:
            await blocks.put(b"")

    async def read_blocks() -> AsyncIterator[bytes]:
        while block := await blocks.get():
            yield block

    reading = asyncio.create_task(read())
    try:
        await sides.target.copy_text(table.name, table.columns, read_blocks())
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

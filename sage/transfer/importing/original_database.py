"""Copy the tables of the original Sage from its database, which is not changed, into a file."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.formats.sage_original import SAGE_ORIGINAL
from sage.clients.importing.source import Source
from sage.clients.reading.files import File
from sage.errors import InvalidInputError
from sage.local.signals import run_until_ended
from sage.store.connections.pool import open_database
from sage.store.named_sql import query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from sage.clients.importing.selection import Selection

_FIND_TABLES = query("find_original_tables")
_READ_AS_OF_NOW = query("read_as_of_now")
_READ_TABLES = {
    "memories": query("read_original_memories"),
    "conversations": query("read_original_conversations"),
}
_SCHEMES = ("postgresql://", "postgres://")


def is_dsn(path: str) -> bool:
    """Return whether an argument is the URL of a database."""
    return path.startswith(_SCHEMES)


@contextmanager
def opened_original(dsn: str, selection: Selection) -> Iterator[Source]:
    """Copy the content of a database of the original Sage, in one read-only transaction.

    Raises InvalidInputError, StoreError.
    """
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as copy:
        run_until_ended(_copy(dsn, copy))
        path = Path(copy.name)
        yield Source(SAGE_ORIGINAL, [File(path, size_bytes=path.stat().st_size)], selection)


async def _copy(dsn: str, to: IO[bytes]) -> None:
    database = await open_database(dsn)
    try:
        async with database.maintenance_connection() as conn, conn.transaction():
            await conn.execute(_READ_AS_OF_NOW)
            tables = await conn.fetchrow(_FIND_TABLES) or {}
            if not any(tables.values()):
                raise InvalidInputError(
                    "PATH",
                    "{field}: this database contains no tables of the first version of Sage",
                    hint="pass the database that contains `memories` or `conversations`",
                )
            for table, read in _READ_TABLES.items():
                if tables[table]:
                    await conn.copy_lines(read, to)
            await asyncio.to_thread(to.flush)
    finally:
        await database.close()

"""Read SQLite databases of other programs without changing their folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_MAGIC = b"SQLite format 3\0"


def is_sqlite(path: Path) -> bool:
    """Return whether a file is an SQLite database. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def opened_sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading. Raises InvalidInputError.

    With a write-ahead log, the newest rows are in that, and SQLite creates the files it needs to
    read them. Without one it is opened as immutable, which creates none.
    """
    settled = "" if Path(f"{path}-wal").exists() else "&immutable=1"
    url = f"file:{quote(str(path.absolute()))}?mode=ro{settled}"
    try:
        with closing(sqlite3.connect(url, uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            yield connection
    except (sqlite3.Error, UnicodeDecodeError) as error:  # its own words may hold broken names
        in_use = isinstance(error, sqlite3.OperationalError)
        hint = "close the program that uses it" if in_use else ("copy it again, or restore it")
        raise InvalidInputError(
            str(path), phrase("{field} cannot be read: {reason}", reason=error), hint=hint
        ) from None


def columns_of(path: Path) -> dict[str, frozenset[str]]:
    """Return the columns of each table, none for tables of extensions. Raises InvalidInputError."""
    with opened_sqlite(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name: frozenset(_columns(connection, name)) for (name,) in tables.fetchall()}


def _columns(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    with suppress(sqlite3.OperationalError):  # a virtual table whose extension is not loaded
        for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,)):
            yield row["name"]


def read_rows(
    path: Path, table: str, order: Sequence[str], prefix: str = ""
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table ordered by some columns, the first beginning with `prefix`.

    Raises InvalidInputError.
    """
    first = _quoted(order[0])
    condition = f"WHERE {first} >= ? AND {first} < ?" if prefix else ""
    bounds = (prefix, f"{prefix}\U0010ffff") if prefix else ()
    query = ("SELECT * FROM", _quoted(table), condition, "ORDER BY", ", ".join(map(_quoted, order)))
    with opened_sqlite(path) as connection:
        for row in connection.execute(" ".join(query), bounds):
            yield dict(row)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

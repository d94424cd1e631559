"""Pages of a database that a disk has damaged."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.support.backups import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE = "SELECT current_setting('data_directory'), pg_relation_filepath('sage.memories')"


def flip_a_bit(file: Path) -> None:
    """Change the last bit of the last page of a file."""
    with file.open("r+b") as pages:
        pages.seek(-1, 2)
        (last,) = pages.read(1)
        pages.seek(-1, 2)
        pages.write(bytes([last ^ 1]))


@contextmanager
def damaged_copy(dsn: str, server: str) -> Iterator[str]:
    """Copy a database to files that nobody has read yet, and damage a page of memories."""
    name = urlsplit(dsn).path[1:]
    ask(server, f"CREATE DATABASE {name}_copy TEMPLATE {name} STRATEGY file_copy")
    copy = urlsplit(dsn)._replace(path=f"/{name}_copy").geturl()
    ((folder, file),) = ask(copy, _FILE)
    flip_a_bit(Path(folder, file))
    yield copy
    ask(server, f"DROP DATABASE {name}_copy WITH (FORCE)")

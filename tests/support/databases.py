"""Databases of the tests, on one server or on the nodes of Citus."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg

from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from tests.architecture.sources import INSTALLED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path
    from typing import Protocol

    class Databases(Protocol):
        """Where databases can be created, copied and dropped."""

        def dsn(self, name: str = ...) -> str: ...
        async def create(self, name: str) -> None: ...
        async def copy(self, template: str, name: str) -> None: ...
        async def drop(self, name: str) -> None: ...
        async def prepare(self, name: str, folder: Path) -> None: ...


_NONE: Mapping[str, str] = MappingProxyType({})


class Server:
    """A server whose user may create databases, which are copied by a strategy of PostgreSQL."""

    def __init__(self, dsn: str, strategy: str = "WAL_LOG") -> None:
        self._dsn = dsn
        self._strategy = strategy

    def dsn(self, name: str = "postgres") -> str:
        """Return the DSN of a database."""
        return dsn_of(self._dsn, name)

    async def create(self, name: str) -> None:
        """Create an empty database."""
        await run(self._dsn, f"CREATE DATABASE {name}")

    async def copy(self, template: str, name: str) -> None:
        """Create a database like another one, which nothing is connected to."""
        how = f"TEMPLATE {template} STRATEGY {self._strategy}"
        await run(self._dsn, f"CREATE DATABASE {name} {how}")

    async def drop(self, name: str) -> None:
        """Drop a database, whatever is connected to it."""
        await run(self._dsn, f"DROP DATABASE {name} WITH (FORCE)")

    async def prepare(self, name: str, folder: Path) -> None:  # noqa: ARG002 - Citus takes it
        """Bring a database to the newest schema."""
        await migrate_database(self.dsn(name))


@asynccontextmanager
async def temporary(databases: Databases, template: str | None = None) -> AsyncIterator[str]:
    """Give the name of a database, empty or like another one; drop it afterwards."""
    name = f"sage_test_{secrets.token_hex(6)}"
    await (databases.create(name) if template is None else databases.copy(template, name))
    try:
        yield name
    finally:
        await databases.drop(name)


async def migrate_database(dsn: str) -> None:
    """Bring a database to the newest schema."""
    database = await open_database(dsn)
    try:
        await migrate(database)
    finally:
        await database.close()


async def run_sage(
    dsn: str, folder: Path, *arguments: str, code: int = 0, environment: Mapping[str, str] = _NONE
) -> str:
    """Run a verb of `sage` on a database; give what it printed, once it ended with a code."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ours = {"DATABASE_URL": dsn, "SAGE_DATA_DIR": str(folder / "sage")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sage", *arguments),
        cwd=folder,
        env={**kept, "PYTHONPATH": str(INSTALLED), **environment, **ours},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == code, said.decode()
    return said.decode()


async def run(dsn: str, *statements: str) -> None:
    """Run statements, each for itself."""
    conn = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


def dsn_of(server: str, name: str) -> str:
    """Return the DSN of another database of a server."""
    return urlsplit(server)._replace(path=f"/{name}").geturl()

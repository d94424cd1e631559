"""A session of psql: the one program that runs what pg_restore writes."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.backup.child_process import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.backup.child_process import Child
    from sage.backup.tools import Tools

_OPTIONS = (
    *("--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"),
    "--set=ON_ERROR_STOP=1",
)


class Psql:
    """A session that ends at its first error; what it did not commit is undone then."""

    def __init__(self, child: Child) -> None:
        self._child = child

    async def write(self, script: bytes) -> None:
        """Send a part of a script. Raises BackupError when the session has ended."""
        if not await self._child.write(script):
            await self._child.finish()

    async def run(self, sql: str) -> None:
        """Run a statement to its end. Raises BackupError."""
        await self.texts(sql)

    async def texts(self, sql: str) -> list[str]:
        """Run a query and return its one column. Raises BackupError."""
        before, after = secrets.token_hex(8), secrets.token_hex(8)
        await self.write(f"\\echo {before}\n{sql};\n\\echo {after}\n".encode())
        while await self._child.read_line() != before:
            pass
        lines = []
        while (line := await self._child.read_line()) != after:
            lines.append(line)
        return lines


@asynccontextmanager
async def psql(tools: Tools) -> AsyncIterator[Psql]:
    """Open a session for the length of a block. Raises BackupError."""
    command = tools.command("psql", *_OPTIONS, f"--dbname={tools.address}")
    async with running(command, tools.environment, fed=True) as child:
        yield Psql(child)

"""Run pg_restore on the dump of a backup to read it, without connecting to a database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.errors import BackupError
from sage.operations.backup.child_process import running
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.operations.backup.archive import Archive
    from sage.operations.backup.child_process import Child
    from sage.operations.backup.tools import Tools

_MAX_OUTPUT_BYTES = 16 << 20


@asynccontextmanager
async def pg_restore(archive: Archive, tools: Tools, *options: str) -> AsyncIterator[Child]:
    """Run it for the length of a block, with the dump as its input. Raises BackupError."""
    feeding = None
    try:
        command = tools.command("pg_restore", *options, "--file=-")
        async with running(command, tools.environment, fed=True) as child:
            feeding = asyncio.create_task(_feed(child, archive))
            yield child
    finally:
        if feeding is not None:
            await feeding  # which ends, since there is nobody left to read


async def output_of_pg_restore(archive: Archive, tools: Tools, *options: str) -> str:
    """Return its output for a dump, at most 16 MiB. Raises BackupError."""
    output = bytearray()
    async with pg_restore(archive, tools, *options) as child:
        while block := await child.read():
            output += block
            if len(output) > _MAX_OUTPUT_BYTES:
                raise BackupError(
                    phrase(
                        "the dump in {path} contains more objects than any backup of Sage",
                        path=archive.path,
                    ),
                    hint="restore another backup",
                )
        await child.finish()
    return output.decode(errors="replace")


async def _feed(child: Child, archive: Archive) -> None:
    blocks = archive.dump()
    while block := await asyncio.to_thread(next, blocks, b""):
        if not await child.write(block):
            break
    await child.end_input()

"""Run pg_restore on the dump of a backup."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.backup.child_process import running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sage.backup.archive import Archive
    from sage.backup.child_process import Child
    from sage.backup.tools import Tools


@asynccontextmanager
async def pg_restore(archive: Archive, tools: Tools, *options: str) -> AsyncIterator[Child]:
    """Run it for the length of a block, with the dump as its input. Raises BackupError."""
    feeding = None
    try:
        command = tools.command("pg_restore", *options)
        async with running(command, tools.environment, fed=True) as child:
            feeding = asyncio.create_task(_feed(child, archive))
            yield child
    finally:
        if feeding is not None:
            await feeding  # which ends, since there is nobody left to read


async def _feed(child: Child, archive: Archive) -> None:
    blocks = archive.dump()
    while block := await asyncio.to_thread(next, blocks, b""):
        if not await child.write(block):
            break
    await child.end_input()

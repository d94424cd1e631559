"""Locks of rows, which hold up whoever erases them."""

import asyncio
import threading
from contextlib import contextmanager

import asyncpg


@contextmanager
def locked_memories(dsn, space):
    """Lock the memories of a space inside the block."""
    locked, release = threading.Event(), threading.Event()

    async def hold():
        conn = await asyncpg.connect(dsn)
        try:
            async with conn.transaction():
                await conn.fetch("SELECT FROM sage.memories WHERE space_id = $1 FOR UPDATE", space)
                locked.set()
                await asyncio.to_thread(release.wait)
        finally:
            await conn.close()

    thread = threading.Thread(target=asyncio.run, args=(hold(),))
    thread.start()
    try:
        assert locked.wait(60)
        yield
    finally:
        release.set()
        thread.join()

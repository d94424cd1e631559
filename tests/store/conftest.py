"""Fixtures of the store's tests: a server of their own to be broken, and plain SQL."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from tests.store.populated import big, conn, points, populated
from tests.support.password_postgres import password_server
from tests.support.plain_owner import plain_owner
from tests.support.postgres import Cluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from sage.store.connections.pool import Database
    from tests.support.pgbouncer import Pooled

__all__ = ["big", "conn", "password_server", "plain_owner", "points", "populated"]


@pytest.fixture(scope="session")
def breakable_server() -> Iterator[Cluster]:
    """Give a durable server that tests may stop, freeze and kill; they leave it running."""
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    cluster = Cluster(directory)
    try:
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(directory)


@pytest.fixture
async def breakable(breakable_server: Cluster, pooled: Pooled) -> AsyncIterator[Database]:
    """Open a migrated database on the server that may be broken."""
    with pooled(breakable_server.dsn()) as dsn:
        opened = await open_database(dsn, command_timeout_s=2)
        await migrate(opened)
        yield opened
        await opened.close()


@pytest.fixture
def opened() -> Callable[..., AbstractAsyncContextManager[Database]]:
    """Open any database for the length of an `async with`."""

    @asynccontextmanager
    async def open_for_a_while(dsn: str, **options: float) -> AsyncIterator[Database]:
        database = await open_database(dsn, **options)
        try:
            yield database
        finally:
            await database.close()

    return open_for_a_while

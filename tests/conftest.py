"""Fixtures for all tests: one Postgres a run, one fresh database a test."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import tempfile
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from sage.store.connections.pool import open_database
from sage.store.migrate import migrate
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import FAST_AND_LOOSE, Cluster
from tests.support.scratch import keep_temporary_files_in_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sage.store.connections.pool import Database
    from tests.support.pgbouncer import Pooled

# A busy machine must not fail a property, and nothing is to be written beside the tests.
settings.register_profile(
    "calm", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("calm")

keep_temporary_files_in_memory()

pytest_plugins = ["tests.support.embedded_fixtures", "tests.support.loaded_model"]
# Tests of several folders import these checks.
pytest.register_assert_rewrite("tests.fences.checks")

# Whoever starts the tests by nohup passes on that this signal is ignored, also to servers in tests.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what makes no sense behind a pooler where one is asked for."""
    if os.environ.get("SAGE_TEST_PGBOUNCER"):
        skipped = pytest.mark.skip(reason="PgBouncer: a session is not kept between transactions")
        for item in items:
            if item.get_closest_marker("needs_session"):
                item.add_marker(skipped)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Give the DSN of a server whose user may create databases: SAGE_TEST_DSN, or a private one."""
    if dsn := os.environ.get("SAGE_TEST_DSN"):
        yield dsn
        return
    directory = Path(tempfile.mkdtemp(prefix="sage-tests-"))
    cluster = Cluster(directory, FAST_AND_LOOSE)
    try:
        cluster.create()
        cluster.start()
        yield cluster.dsn()
    finally:
        cluster.stop()
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def pooled() -> Pooled:
    """Put PgBouncer in front of a server where SAGE_TEST_PGBOUNCER is set."""

    @contextmanager
    def in_front_of(dsn: str) -> Iterator[str]:
        if not os.environ.get("SAGE_TEST_PGBOUNCER"):
            yield dsn
            return
        with pgbouncer(dsn) as through:
            yield through

    return in_front_of


@pytest.fixture(scope="session")
def reached_server(postgres_server: str, pooled: Pooled) -> Iterator[str]:
    """Give the DSN by which the tests reach that server."""
    with pooled(postgres_server) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> Iterator[str]:
    """Name a migrated database to be copied."""
    name = f"sage_template_{secrets.token_hex(4)}"

    async def make() -> None:
        await _administer(postgres_server, f"CREATE DATABASE {name}")
        database = await open_database(_dsn_of(postgres_server, name))
        try:
            await migrate(database)
        finally:
            await database.close()

    asyncio.run(make())
    yield name
    asyncio.run(_administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def postgres_dsn(
    postgres_server: str, reached_server: str, migrated_template: str
) -> AsyncIterator[str]:
    """Give the DSN of a fresh, migrated database; it is dropped after the test."""
    async with _temporary(postgres_server, f"TEMPLATE {migrated_template}") as name:
        yield _dsn_of(reached_server, name)


@pytest.fixture
async def empty_postgres_dsn(postgres_server: str, reached_server: str) -> AsyncIterator[str]:
    """Give the DSN of a fresh database that no migration has touched."""
    async with _temporary(postgres_server, "") as name:
        yield _dsn_of(reached_server, name)


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[Database]:
    """Open a fresh, migrated database."""
    opened = await open_database(postgres_dsn)
    yield opened
    await opened.close()


@asynccontextmanager
async def _temporary(server: str, how: str) -> AsyncIterator[str]:
    name = f"sage_test_{secrets.token_hex(6)}"
    await _administer(server, f"CREATE DATABASE {name} {how}")
    try:
        yield name
    finally:
        await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(server: str, statement: str) -> None:
    conn = await asyncpg.connect(server)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


def _dsn_of(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()

"""Fixtures for all tests: one Postgres a run, one fresh database a test."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, settings

from sage.store.connections.pool import open_database
from tests.citus.left_out import left_out
from tests.support import citus as citus_servers
from tests.support.databases import Server, dsn_of, temporary
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import private_server
from tests.support.scratch import keep_temporary_files_in_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sage.store.connections.pool import Database
    from tests.support.citus import Citus
    from tests.support.databases import Databases
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
    """Skip what makes no sense behind a pooler, or on Citus, where one of them is asked for."""
    if os.environ.get("SAGE_TEST_PGBOUNCER"):
        skipped = pytest.mark.skip(reason="PgBouncer: a session is not kept between transactions")
        for item in items:
            if item.get_closest_marker("needs_session"):
                item.add_marker(skipped)
    if os.environ.get(citus_servers.VARIABLE):
        for item in items:
            if reason := left_out(item.nodeid):
                item.add_marker(pytest.mark.skip(reason=f"Citus: {reason}"))


@pytest.fixture(scope="session")
def citus() -> Iterator[Citus]:
    """Give a coordinator of Citus and two workers; skipped by name where there is none."""
    with citus_servers.citus_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the DSN of a server whose user may create databases: SAGE_TEST_DSN, or a private one.

    Where there is Citus, that of its coordinator.
    """
    if dsn := os.environ.get("SAGE_TEST_DSN"):
        yield dsn
        return
    if os.environ.get(citus_servers.VARIABLE):
        yield request.getfixturevalue("citus").dsn()
        return
    with private_server() as cluster:
        yield cluster.dsn()


@pytest.fixture(scope="session")
def databases(postgres_server: str, request: pytest.FixtureRequest) -> Databases:
    """Create, copy and drop databases on that server, or on all nodes of Citus.

    A private server loses all in a crash: there to copy files takes two thirds of the time.
    """
    if os.environ.get(citus_servers.VARIABLE):
        return cast("Databases", request.getfixturevalue("citus"))
    return Server(postgres_server, "WAL_LOG" if "SAGE_TEST_DSN" in os.environ else "FILE_COPY")


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
def migrated_template(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Name a migrated database to be copied; on Citus it is distributed."""
    name = f"sage_template_{secrets.token_hex(4)}"
    asyncio.run(databases.create(name))
    asyncio.run(databases.prepare(name, tmp_path_factory.mktemp("template")))
    yield name
    asyncio.run(databases.drop(name))


@pytest.fixture
async def postgres_dsn(
    databases: Databases, reached_server: str, migrated_template: str
) -> AsyncIterator[str]:
    """Give the DSN of a fresh, migrated database; it is dropped after the test."""
    async with temporary(databases, migrated_template) as name:
        yield dsn_of(reached_server, name)


@pytest.fixture
async def empty_postgres_dsn(databases: Databases, reached_server: str) -> AsyncIterator[str]:
    """Give the DSN of a fresh database that no migration has touched."""
    async with temporary(databases) as name:
        yield dsn_of(reached_server, name)


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[Database]:
    """Open a fresh, migrated database; the first calls to a distributed one take long."""
    patience = {"command_timeout_s": 60} if os.environ.get(citus_servers.VARIABLE) else {}
    opened = await open_database(postgres_dsn, **patience)
    yield opened
    await opened.close()

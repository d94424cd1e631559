"""A coordinator and two workers of Citus, each a private PostgreSQL 17 on loopback.

SAGE_TEST_CITUS names the folder of a PostgreSQL with Citus, which `ci/lib/citus` prints.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from sage.local.postgres.binaries import Binaries
from tests.support.databases import migrate_database, run, run_sage
from tests.support.postgres import FAST_AND_LOOSE, Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE = "SAGE_TEST_CITUS"
_SETTINGS = {
    "shared_preload_libraries": "citus",
    "wal_level": "logical",
    "max_connections": "300",
    "max_prepared_transactions": "300",
    "max_worker_processes": "64",
    "citus.node_conninfo": "sslmode=disable",
    "citus.local_hostname": "127.0.0.1",
}
_SHARDS = "8"  # what takes as long as there are shards takes little
_ATTEMPTS = 5
# PostgreSQL 17.12 lists which plugins may decode. Shards are split by that of Citus.
_HAS_PLUGIN_LIST = "SELECT count(*) FROM pg_settings WHERE name = 'output_plugin_libraries'"
_ALLOW_PLUGIN = "ALTER SYSTEM SET output_plugin_libraries = pgoutput, citus"
_END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
_SETTINGS_OF_DATABASE = """
SELECT format('%s TO %L', split_part(one, '=', 1), substr(one, strpos(one, '=') + 1)) AS assignment
FROM pg_db_role_setting
JOIN pg_database ON pg_database.oid = setdatabase
CROSS JOIN unnest(setconfig) AS one
WHERE datname = $1 AND setrole = 0
"""


class Node(Cluster):
    """One server of the cluster, from the programs that have Citus."""

    @staticmethod
    def programs() -> Binaries:
        """Return the programs that have Citus."""
        return Binaries(Path(os.environ[VARIABLE]))


class Citus:
    """The servers. A database is one of the same name on each of them."""

    def __init__(self, coordinator: Node, workers: tuple[Node, ...]) -> None:
        self.coordinator, self.workers = coordinator, workers

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All servers, the coordinator first."""
        return (self.coordinator, *self.workers)

    def dsn(self, name: str = "postgres") -> str:
        """Return the DSN of a database by its coordinator, which Sage is pointed to."""
        return self.coordinator.dsn(name)

    async def create(self, name: str) -> None:
        """Create a database with the extensions on each node, which knows the others."""
        for node in self.nodes:
            await run(node.dsn(), f"CREATE DATABASE {name}")
            await run(node.dsn(name), "CREATE EXTENSION citus", "CREATE EXTENSION vector")
        known = [f"citus_set_coordinator_host('127.0.0.1', {self.coordinator.port})"]
        known += [f"citus_add_node('127.0.0.1', {worker.port})" for worker in self.workers]
        await run(self.dsn(name), *(f"SELECT {call}" for call in known))

    async def prepare(self, name: str, folder: Path) -> None:
        """Bring a database to the newest schema, and distribute it as a user does."""
        await migrate_database(self.dsn(name))
        await run_sage(self.dsn(name), folder, "migrate", "distribute", "--shards", _SHARDS)

    async def copy(self, template: str, name: str) -> None:
        """Copy a database on each node, with the settings that it has as a database."""
        for node in self.nodes:
            await _insist(node, template, f"CREATE DATABASE {name} TEMPLATE {template}")
            settings = await _settings_of(node, template)
            await run(node.dsn(), *(f"ALTER DATABASE {name} SET {one}" for one in settings))

    async def drop(self, name: str) -> None:
        """Drop a database on each node, whatever is connected to it."""
        for node in self.nodes:
            await _insist(node, name, f"DROP DATABASE {name} WITH (FORCE)")


async def _insist(node: Node, name: str, statement: str) -> None:
    """Run a statement that nothing may be connected to a database for.

    Citus connects again in the background, now and then.
    """
    conn = await asyncpg.connect(node.dsn())
    try:
        await conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        for left in reversed(range(_ATTEMPTS)):
            await conn.execute(_END_SESSIONS, name)
            try:
                await conn.execute(statement)
            except asyncpg.ObjectInUseError:
                if not left:
                    raise
            else:
                return
    finally:
        await conn.close()


async def _settings_of(node: Node, database: str) -> list[str]:
    conn = await asyncpg.connect(node.dsn())
    try:
        return [row["assignment"] for row in await conn.fetch(_SETTINGS_OF_DATABASE, database)]
    finally:
        await conn.close()


@contextmanager
def citus_cluster(settings: Mapping[str, str] | None = None) -> Iterator[Citus]:
    """Run the servers for a while; the test is skipped by name where there is no Citus."""
    if not os.environ.get(VARIABLE):
        pytest.skip(f"{VARIABLE} is not set, which ci/citus does")
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="sage-citus-"))
        stack.callback(shutil.rmtree, folder)
        nodes = []
        for name in ("coordinator", "worker-1", "worker-2"):
            (folder / name).mkdir()
            node = Node(folder / name, {**FAST_AND_LOOSE, **_SETTINGS, **(settings or {})})
            stack.callback(node.stop)
            node.create()
            node.start()
            if node.ask(_HAS_PLUGIN_LIST) == "1":
                node.ask(_ALLOW_PLUGIN)
                node.ask("SELECT pg_reload_conf()")
            nodes.append(node)
        yield Citus(nodes[0], tuple(nodes[1:]))

"""A database that Sage used before the extension Citus was installed in it."""

import asyncio
import secrets

import pytest

from tests.support.databases import run, run_sage

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def used(citus):
    """Make a database without Citus on the coordinator; give its name."""
    name = f"sage_later_{secrets.token_hex(4)}"
    asyncio.run(run(citus.dsn(), f"CREATE DATABASE {name}"))
    yield name
    asyncio.run(citus.drop(name))


async def test_what_was_saved_before_is_distributed_and_found(citus, used, tmp_path):
    dsn = citus.dsn(used)
    await run_sage(dsn, tmp_path, "migrate", "up")
    await run_sage(dsn, tmp_path, "save", "Where is the heron?", "At the mill.")
    for node in citus.nodes:
        if node is not citus.coordinator:
            await run(node.dsn(), f"CREATE DATABASE {used}")
        await run(node.dsn(used), "CREATE EXTENSION citus")
        await run(node.dsn(used), "CREATE EXTENSION IF NOT EXISTS vector")
    await run(dsn, f"SELECT citus_set_coordinator_host('127.0.0.1', {citus.coordinator.port})")
    for worker in citus.workers:
        await run(dsn, f"SELECT citus_add_node('127.0.0.1', {worker.port})")
    await run_sage(dsn, tmp_path, "migrate", "distribute", "--shards", "4")
    assert "nothing is missing" in await run_sage(dsn, tmp_path, "migrate", "distribute")
    assert "At the mill." in await run_sage(dsn, tmp_path, "search", "heron")

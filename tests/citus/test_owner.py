"""Sage on Citus as an owner of the database who is no superuser, as on managed clusters."""

import asyncio
import json
import secrets
from urllib.parse import urlsplit

import pytest

from tests.support.databases import run, run_sage
from tests.support.ports import free_port

OWNER = "keeper"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def owned(citus):
    """Make a role on each node, then a database that it owns; give its DSN."""
    name = f"sage_owned_{secrets.token_hex(4)}"

    async def make():
        for node in citus.nodes:
            await run(node.dsn(), f"CREATE ROLE {OWNER} LOGIN CREATEROLE")
        await citus.create(name)
        for node in citus.nodes:
            await run(node.dsn(), f"ALTER DATABASE {name} OWNER TO {OWNER}")

    async def drop():
        await citus.drop(name)

    asyncio.run(make())
    parts = urlsplit(citus.dsn(name))
    yield parts._replace(netloc=f"{OWNER}@{parts.hostname}:{parts.port}").geturl()
    asyncio.run(drop())


async def test_an_owner_who_is_no_superuser_is_told_what_is_missing_and_then_works(
    citus, owned, tmp_path
):
    said = await run_sage(owned, tmp_path, "migrate", "up", code=1)
    assert "CREATE SCHEMA sage AUTHORIZATION" in said
    name = urlsplit(owned).path.strip("/")
    await run(citus.dsn(name), f"CREATE SCHEMA sage AUTHORIZATION {OWNER}")

    await run_sage(owned, tmp_path, "migrate", "up")
    await run_sage(owned, tmp_path, "migrate", "distribute", "--shards", "4")
    assert "nothing is missing" in await run_sage(owned, tmp_path, "migrate", "distribute")
    await run_sage(owned, tmp_path, "save", "Where is the heron?", "At the mill.")
    assert "At the mill." in await run_sage(owned, tmp_path, "search", "heron")
    free = {"MCP_SERVER_PORT": str(free_port())}
    said = await run_sage(owned, tmp_path, "doctor", "--json", code=1, environment=free)
    checks = json.loads(said[said.index("{") :])["checks"]
    failed = {one["name"]: one for one in checks if one["status"] == "failed"}
    assert set(failed) == {"durability"}, failed  # fsync is off
    said = await run_sage(owned, tmp_path, "doctor", "--database", code=1)
    assert "cluster" in said

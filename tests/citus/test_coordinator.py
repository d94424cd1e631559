"""A coordinator that has shards, too: its spaces are saved, searched and erased as any."""

import asyncio
import json
import secrets

import httpx
import pytest

from tests.citus.clients import calling
from tests.citus.spaces import Spaces
from tests.support.databases import run, run_sage
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for

SPACES, CLIENTS = 16, 4
WITH_SHARDS = "SELECT citus_set_node_property('127.0.0.1', {}, 'shouldhaveshards', true)"

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def distributed(citus, tmp_path):
    """Make a distributed database with shards on the coordinator; give its name."""
    name = f"sage_citus_{secrets.token_hex(4)}"

    async def make():
        await citus.create(name)
        await run(citus.dsn(name), WITH_SHARDS.format(citus.coordinator.port))
        await citus.prepare(name, tmp_path)

    asyncio.run(make())
    yield name
    asyncio.run(citus.drop(name))


def test_spaces_on_the_coordinator_are_used_as_any(citus, distributed, tmp_path):
    spaces = Spaces(citus, distributed)
    names = spaces.create(SPACES, "here")
    ports = spaces.ports()
    assert {ports[name] for name in names} == {node.port for node in citus.nodes}
    opened = {spaces.token(names): names for _ in range(CLIENTS)}
    with serving(settings_for(spaces.dsn, tmp_path)) as url:
        with calling(url, opened) as account:
            wait_for(lambda: len(account.calls) > 20 * CLIENTS)
        shown = {"authorization": f"Bearer {next(iter(opened))}"}
        here = next(one for one in names if ports[one] == citus.coordinator.port)
        with httpx.Client(base_url=url, headers=shown, timeout=60) as client:
            said = {"role": "user", "content": "A heron was seen at the mill."}
            body = {"messages": [said], "session_id": "herons", "space": here}
            assert client.post("/api/v1/conversations", json=body).is_success
            asked = {"query": "Where is the heron?", "space": here}
            found = client.post("/api/v1/search", json=asked).json()["results"]
            assert said["content"] in {one["content"] for one in found}
            body = {"session_id": "herons", "space": here}
            forgotten = client.post("/api/v1/forget", json=body).json()["forgotten"]
            assert forgotten == 1
            health = client.get("/health").json()["status"]
            assert health == "healthy"
    assert account.failures == []
    assert spaces.missing(account.acknowledged) == []
    again = asyncio.run(run_sage(spaces.dsn, tmp_path, "migrate", "distribute"))
    assert "nothing is missing" in again
    said = asyncio.run(run_sage(spaces.dsn, tmp_path, "doctor", "--json", code=1))
    checks = json.loads(said[said.index("{") :])["checks"]
    failed = {one["name"]: one for one in checks if one["status"] == "failed"}
    assert set(failed) == {"durability", "model"}, failed  # no fsync, an embedder of these tests
    cluster = next(one for one in checks if one["name"] == "cluster")
    assert all(str(node.port) in cluster["detail"] for node in citus.nodes), cluster

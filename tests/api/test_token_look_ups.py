"""Each request looks its token up before it runs: what has ended opens nothing any more."""

import asyncio
import json

import asyncpg
import httpx
import pytest

from sage.access.accounts.spaces import create_space, rename_space
from sage.access.accounts.tokens import TokenGate, create_token, revoke_token, rotate_token
from sage.config.settings import RateLimitSettings
from sage.service.memory import MemoryService
from sage.store.connections.pool import open_database
from tests.support.guarded import (
    CALLS,
    FILES,
    OWNER,
    READER,
    SECRET,
    SERVER_TOKEN,
    TURN,
    WRITER,
    Guarded,
    guarded_routes,
    make_tokens,
)
from tests.support.live import new_database
from tests.support.look_ups import counted
from tests.support.serving import serving, settings_for

COUNT = "SELECT count(*) FROM sage.memories"


@pytest.fixture(scope="module")
def sage(postgres_server, migrated_template, tmp_path_factory):
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        settings = settings_for(
            dsn, tmp_path_factory.mktemp("data"), token=SERVER_TOKEN, connector_tools=True
        )
        unlimited = RateLimitSettings(failures=0)
        with serving(settings.model_copy(update={"rate_limit": unlimited})) as url:
            server = Guarded(url, tokens, "")
            server.dsn = dsn
            saved = server.request("writer", "POST", "/api/v1/conversations", json=TURN)
            server.memory_id = saved.json()["memory_ids"][0]
            yield server


@pytest.fixture
async def conn(sage):
    database = await open_database(sage.dsn)
    async with database.across_spaces() as lent:
        yield lent
    await database.close()


@pytest.fixture
def shown(sage, conn):
    """Make a token and show it."""

    async def make(roles, name, path="/api/v1/stats"):
        sage.tokens[name] = await create_token(conn, roles, name=name)
        assert (await ask(sage, name, "GET", path)).status_code == 200

    return make


@pytest.fixture
def look_ups(monkeypatch):
    return counted(monkeypatch, TokenGate, "principal_of")


async def becomes(conn, name, role):
    """Change the role of a token in the space `team`."""
    await conn.execute(
        "UPDATE sage.token_spaces SET role = $2 FROM sage.tokens"
        " WHERE tokens.token_id = token_spaces.token_id AND tokens.name = $1",
        name,
        role.value,
    )


def told_anew(name, body):
    """Return a body that saves, if it is one, what was not saved before."""
    return body and json.loads(json.dumps(body).replace(SECRET, f"{SECRET}, {name}"))


async def ask(sage, name, method, path, body=None):
    return await asyncio.to_thread(sage.request, name, method, path, json=body)


async def test_each_request_looks_its_token_up_once(sage, shown, look_ups):
    await shown({"team": OWNER}, "usual")
    for method, path, _, body in guarded_routes():
        look_ups.clear()
        assert (await ask(sage, "usual", method, path, body)).status_code == 200, path
        others = {sage.tokens["writer"]}  # imports what is read or undone
        asked = [one for one in look_ups if one not in others]
        if path.startswith(FILES):  # which are handed in first, and waited for
            asked = [*{*asked}]
        assert asked == [sage.tokens["usual"]], path
    async with sage.client("usual") as client:
        for name, (_, arguments) in CALLS.items():
            look_ups.clear()
            assert not (await client.call_tool(name, sage.filled(arguments))).is_error, name
            assert {*look_ups} == {sage.tokens["usual"]}, name  # the client asks more than that


@pytest.mark.parametrize("end", ["revoked", "rotated", "expired"])
async def test_what_has_ended_opens_no_route(sage, conn, shown, end):
    before = await conn.fetchval(COUNT)
    for number, (method, path, _, body) in enumerate(guarded_routes()):
        name = f"{end}-{number}"
        await shown({"team": OWNER}, name)
        if end == "revoked":
            await revoke_token(conn, name)
        elif end == "rotated":
            await rotate_token(conn, name)
        else:
            await conn.execute("UPDATE sage.tokens SET expires_at = now() WHERE name = $1", name)
        refused = await ask(sage, name, method, path, told_anew(name, body))
        assert refused.status_code == 401, path
        unknown = await ask(sage, "unknown", method, path, body)
        assert refused.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}
    assert await conn.fetchval(COUNT) == before


async def test_what_was_revoked_opens_no_tool(sage, conn, shown):
    before = await conn.fetchval(COUNT)
    messages = [("tools/call", {"name": name, "arguments": a}) for name, (_, a) in CALLS.items()]
    messages += [
        ("tools/list", {}),
        ("resources/read", {"uri": "sage://memory/stats"}),
        ("prompts/get", {"name": "auto_context_injection", "arguments": {"query": "heron"}}),
        ("tools/call", {"name": "search_memory", "arguments": {"query": ""}}),
        ("no/such/method", {}),
    ]
    for number, (method, asked) in enumerate(messages):
        name = f"ended-{number}"
        await shown({"team": OWNER}, name)
        await revoke_token(conn, name)
        params = told_anew(name, sage.filled(asked))
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        accepted = {"accept": "application/json, text/event-stream"}
        refused = await asyncio.to_thread(
            httpx.post,
            f"{sage.url}/mcp",
            json=message,
            headers={**sage.headers(name), **accepted, "mcp-protocol-version": "2025-11-25"},
        )
        assert refused.status_code == 401, (method, refused.text)
    assert await conn.fetchval(COUNT) == before


async def test_a_body_that_is_refused_tells_nothing_more(sage, conn, shown):
    for number, body in enumerate((b"[" * 100, b"\xff", b" " * 1_100_000, b'{"no": 1}')):
        name = f"malformed-{number}"
        await shown({"team": OWNER}, name)
        await revoke_token(conn, name)
        refused = await asyncio.to_thread(
            httpx.post, f"{sage.url}/api/v1/search", content=body, headers=sage.headers(name)
        )
        assert refused.status_code == 401, body[:9]


async def test_a_request_that_runs_as_its_token_is_revoked_ends(sage, shown, monkeypatch):
    reading = MemoryService.stats

    async def revoking(self, *asked):
        own = await asyncpg.connect(sage.dsn)  # the loop of the server is another
        await own.execute("DELETE FROM sage.tokens WHERE name = 'running'")
        await own.close()
        return await reading(self, *asked)

    await shown({"team": OWNER}, "running")
    monkeypatch.setattr(MemoryService, "stats", revoking)
    assert (await ask(sage, "running", "GET", "/api/v1/stats")).status_code == 200
    assert (await ask(sage, "running", "GET", "/api/v1/stats")).status_code == 401


async def test_a_role_counts_as_soon_as_it_has_changed(sage, conn, shown):
    await shown({"team": WRITER}, "changing")

    def told(number):
        return {"user_prompt": f"A finch, {number}.", "assistant_response": "Noted."}

    before = await conn.fetchval(COUNT)
    await becomes(conn, "changing", READER)
    refused = await ask(sage, "changing", "POST", "/api/v1/conversations", told(1))
    assert refused.status_code == 403
    assert await conn.fetchval(COUNT) == before
    assert (await ask(sage, "changing", "GET", "/api/v1/stats")).status_code == 200
    await becomes(conn, "changing", WRITER)
    saved = await ask(sage, "changing", "POST", "/api/v1/conversations", told(2))
    assert saved.status_code == 200
    assert len(saved.json()["memory_ids"]) == 2
    assert await conn.fetchval(COUNT) == before + 2


async def test_spaces_that_are_added_or_renamed_count_at_once(sage, conn, shown):
    await create_space(conn, "garden")
    await shown({"garden": OWNER}, "gardener", "/api/v1/stats?space=garden")
    await rename_space(conn, "garden", "park")
    assert (await ask(sage, "gardener", "GET", "/api/v1/stats?space=garden")).status_code == 404
    assert (await ask(sage, "gardener", "GET", "/api/v1/stats?space=park")).status_code == 200
    assert (await ask(sage, "gardener", "GET", "/api/v1/stats?space=team")).status_code == 404
    await conn.execute(
        "INSERT INTO sage.token_spaces (token_id, space_id, role, position)"
        " SELECT token_id, 'team', 'reader', 9 FROM sage.tokens WHERE name = 'gardener'"
    )
    assert (await ask(sage, "gardener", "GET", "/api/v1/stats?space=team")).status_code == 200
    async with sage.client("gardener") as client:
        found = await client.call_tool("search_memory", {"query": "heron", "space": "*"})
    assert not found.is_error

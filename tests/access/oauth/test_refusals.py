"""What each tool answers to an app that may not call it, as the MCP specification has it."""

import json

import pytest
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from sage.access.accounts.secrets import new_token
from sage.access.oauth.scopes import READ
from sage.access.oauth.store import ACCESS_MARK
from tests.support.guarded import CALLS, READER, TURN
from tests.support.oauth import REDIRECT, Storage, User, signed_in
from tests.support.oauth_app import App

TOOLS = {name: call for name, call in CALLS.items() if name not in {"search", "fetch"}}
WRITING = [name for name, (role, _) in TOOLS.items() if role is not READER]
HEADERS = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25"}


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


async def call(app, token, name, **more):
    """Call a tool as an app does; a memory that it names is none."""
    arguments = json.loads(json.dumps(TOOLS[name][1]).replace("{memory_id}", 32 * "0")) | more
    asked = {"jsonrpc": "2.0", "id": 7, "method": "tools/call"}
    asked["params"] = {"name": name, "arguments": arguments}
    shown = {} if token is None else {"authorization": f"Bearer {token}"}
    return await app.http.post("/mcp", json=asked, headers=HEADERS | shown)


def challenge(app, error=""):
    """Return the header that says how to get access, and why a token does not give it."""
    where = f'resource_metadata="{app.url}/.well-known/oauth-protected-resource/mcp"'
    return f'Bearer {error}{where}, scope="memory:read memory:write"'


@pytest.mark.parametrize("name", TOOLS)
async def test_who_shows_no_valid_token_is_told_where_to_get_one(app, oauth_sql, name):
    expired, revoked = [(await app.exchange(await app.code())).json() for _ in range(2)]
    await app.http.post(
        "/revoke", data={"token": revoked["access_token"], "client_id": app.client_id}
    )
    assert (await call(app, expired["access_token"], name)).status_code == 200
    await oauth_sql("UPDATE sage.oauth_secrets SET expires_at = now() WHERE kind = 'access'")
    answer = await call(app, None, name)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == challenge(app)
    bodies = set()
    for token in (
        expired["access_token"],
        revoked["access_token"],
        expired["refresh_token"],
        new_token(ACCESS_MARK),
    ):
        answer = await call(app, token, name)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == challenge(app, 'error="invalid_token", ')
        bodies.add(answer.text.replace(answer.headers["x-request-id"], ""))
    assert len(bodies) == 1


@pytest.mark.parametrize("name", TOOLS)
async def test_an_app_that_was_allowed_to_read_is_asked_for_the_scope_to_write(app, name):
    pair = (await app.exchange(await app.code(scope=READ))).json()
    answer = await call(app, pair["access_token"], name)
    if name not in WRITING:
        assert answer.status_code == 200
        return
    assert answer.status_code == 403
    assert answer.headers["www-authenticate"] == challenge(app, 'error="insufficient_scope", ')
    assert "connect the app again" in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", WRITING)
async def test_no_scope_is_asked_for_where_the_user_may_not_write_either(sage, name):
    async with App(sage.url, sage.tokens["reader"]) as reading:
        for scope in (None, READ):
            pair = (await reading.exchange(await reading.code(scope=scope))).json()
            answer = await call(reading, pair["access_token"], name)
            assert answer.status_code == 200
            assert "www-authenticate" not in answer.headers
            result = answer.json()["result"]
            assert result["isError"]
            assert "requires the role writer" in result["content"][0]["text"]


@pytest.mark.parametrize("name", TOOLS)
async def test_a_foreign_space_is_told_like_none_and_before_any_scope(app, name):
    for scope in (None, READ):
        pair = (await app.exchange(await app.code(scope=scope))).json()
        told = []
        for space in ("private", "nowhere"):
            answer = await call(app, pair["access_token"], name, space=space)
            assert answer.status_code == 200
            assert answer.json()["result"]["isError"]
            told.append(answer.text.replace(space, "x"))
        assert told[0] == told[1]
        assert "has no access to a space" in told[0]


async def test_a_client_asks_its_user_for_more_and_repeats_the_call(app, sage):
    pair = (await app.exchange(await app.code(scope=READ))).json()
    storage, user = Storage(), User(sage.tokens["writer"])
    storage.tokens = OAuthToken(**pair)
    storage.client = OAuthClientInformationFull(
        client_id=app.client_id, redirect_uris=[REDIRECT], token_endpoint_auth_method="none"
    )
    async with signed_in(sage.url, user, storage) as client:
        assert not (await client.call_tool("search_memory", {"query": "heron"})).is_error
        assert user.asked == 0
        assert not (await client.call_tool("save_conversation", TURN)).is_error
    assert user.asked == 1
    assert storage.tokens.scope == "memory:read memory:write"

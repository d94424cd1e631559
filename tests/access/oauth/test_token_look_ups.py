"""Each request looks the access token of an app up before it runs."""

import pytest

from sage.access import authentication
from sage.access.oauth.scopes import READ
from tests.support.guarded import TURN
from tests.support.look_ups import counted
from tests.support.oauth_app import App


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


@pytest.fixture
def look_ups(monkeypatch):
    return counted(monkeypatch, authentication, "principal_of_app")


async def test_each_request_looks_its_access_token_up_once(app, look_ups):
    token = (await app.exchange(await app.code())).json()["access_token"]
    assert [await app.status(token) for _ in range(3)] == [400] * 3
    assert look_ups == [token] * 3


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE sage.oauth_secrets SET expires_at = now()",
        "DELETE FROM sage.oauth_grants",
        "UPDATE sage.tokens SET digest = sha256(digest) WHERE name = 'writer'",
        "UPDATE sage.tokens SET expires_at = now() WHERE name = 'writer'",
    ],
)
async def test_what_has_ended_opens_nothing(app, oauth_sql, end):
    token = (await app.exchange(await app.code())).json()["access_token"]
    assert await app.status(token) == 400
    kept = await oauth_sql("SELECT digest FROM sage.tokens WHERE name = 'writer'")
    try:
        await oauth_sql(end)
        assert await app.status(token) == 401
    finally:
        await oauth_sql(
            "UPDATE sage.tokens SET digest = $1, expires_at = NULL WHERE name = 'writer'",
            kept[0]["digest"],
        )


async def test_it_opens_no_other_path(app):
    token = (await app.exchange(await app.code())).json()["access_token"]
    assert await app.status(token) == 400
    shown = {"authorization": f"Bearer {token}"}
    assert (await app.http.get("/api/v1/stats", headers=shown)).status_code == 401


async def save(app, token):
    """Call the tool that takes a scope which an app that reads was not allowed."""
    asked = {"jsonrpc": "2.0", "id": 7, "method": "tools/call"}
    asked["params"] = {"name": "save_conversation", "arguments": TURN}
    accepted = {"accept": "application/json, text/event-stream"}
    shown = {"authorization": f"Bearer {token}", "mcp-protocol-version": "2025-11-25"}
    return await app.http.post("/mcp", json=asked, headers=accepted | shown)


async def test_one_that_has_ended_is_asked_for_no_scopes(app, oauth_sql):
    token = (await app.exchange(await app.code(scope=READ))).json()["access_token"]
    assert (await save(app, token)).status_code == 403
    await oauth_sql("DELETE FROM sage.oauth_grants")
    refused = await save(app, token)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]


async def test_no_scopes_are_asked_for_that_its_user_has_lost(app, oauth_sql):
    token = (await app.exchange(await app.code(scope=READ))).json()["access_token"]
    assert (await save(app, token)).status_code == 403
    role = (
        "UPDATE sage.token_spaces SET role = $1 FROM sage.tokens"
        " WHERE tokens.token_id = token_spaces.token_id AND tokens.name = 'writer'"
    )
    await oauth_sql(role, "reader")
    try:
        refused = await save(app, token)
        assert refused.status_code == 200
        assert "requires the role writer" in refused.json()["result"]["content"][0]["text"]
    finally:
        await oauth_sql(role, "writer")

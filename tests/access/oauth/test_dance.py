"""An AI client signs in: the whole of it, by the SDK's own client, against a running server."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx

from sage.access.accounts.secrets import digest
from sage.access.oauth import server
from tests.access.oauth.conftest import serving_oauth
from tests.support.oauth import Storage, User, signed_in

TURN = {"user_prompt": "The heron nests behind the old mill.", "assistant_response": "Noted."}

STILL_VALID = """
    SELECT FROM sage.oauth_secrets WHERE digest = $1 AND expires_at > now() - interval '1 second'
"""


async def test_an_app_gets_in_with_what_the_token_of_its_user_opens(sage):
    storage, user = Storage(), User(sage.tokens["writer"])
    async with signed_in(sage.url, user, storage) as client:
        saved = await client.call_tool("save_conversation", TURN | {"session_id": "birds"})
        assert not saved.is_error
        found = await client.call_tool("search_memory", {"query": "heron"})
        assert "old mill" in found.content[0].text
    asked = {"query": "heron"}
    results = sage.request("reader", "POST", "/api/v1/search", json=asked).json()["results"]
    assert {one["author"] for one in results} == {"writer"}
    assert user.asked == 1


async def test_the_owner_signs_in_with_the_token_of_the_server(sage):
    async with signed_in(sage.url, User(sage.tokens["server"]), Storage()) as client:
        assert not (await client.call_tool("save_conversation", TURN)).is_error


async def test_an_access_token_is_refreshed_without_asking_the_user(
    sage, dsn, tmp_path, oauth_sql, monkeypatch
):
    brief = replace(server.LIFETIMES, access=timedelta(seconds=3))
    monkeypatch.setattr(server, "LIFETIMES", brief)
    storage, user = Storage(), User(sage.tokens["writer"])
    with serving_oauth(dsn, tmp_path) as url:
        async with signed_in(url, user, storage) as client, asyncio.timeout(60):
            first = storage.tokens.refresh_token
            while await oauth_sql(STILL_VALID, digest(storage.tokens.access_token)):
                await asyncio.sleep(0.05)
            assert not (await client.call_tool("get_memory_stats", {})).is_error
    assert storage.tokens.refresh_token != first
    assert user.asked == 1


async def test_a_revoked_token_opens_nothing_and_is_not_refreshed(sage):
    storage, user = Storage(), User(sage.tokens["reader"])
    async with signed_in(sage.url, user, storage) as client:
        assert not (await client.call_tool("get_memory_stats", {})).is_error
    form = {"token": storage.tokens.refresh_token, "client_id": storage.client.client_id}
    shown = {"authorization": f"Bearer {storage.tokens.access_token}"}
    async with httpx.AsyncClient(base_url=sage.url, timeout=30) as http:
        assert (await http.post("/revoke", data=form)).status_code == 200
        assert (await http.post("/mcp", headers=shown, json={})).status_code == 401
        form |= {"grant_type": "refresh_token", "refresh_token": form["token"]}
        refused = await http.post("/token", data=form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")

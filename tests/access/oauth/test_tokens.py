"""Codes and tokens: what is refused, and what ends the access of an app."""

import asyncio

import pytest

from tests.support.oauth_app import App, said


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


async def test_of_eight_exchanges_of_one_code_at_once_one_succeeds(app):
    code = await app.code()
    answers = await asyncio.gather(*(app.exchange(code) for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [200] + 7 * [400]
    assert {one.json().get("error") for one in answers} == {None, "invalid_grant"}


async def test_a_code_that_is_used_again_ends_the_access_it_gave(app):
    code = await app.code()
    first = (await app.exchange(code)).json()
    assert await app.status(first["access_token"]) == 400
    assert (await app.exchange(code)).status_code == 400
    assert await app.status(first["access_token"]) == 401
    assert (await app.refresh(first["refresh_token"])).status_code == 400


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "v" * 43}, "invalid_grant"),
        ({"code_verifier": "v" * 42}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:53683/callback"}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"code": "a-guess"}, "invalid_grant"),
    ],
)
async def test_a_code_is_refused_to_whom_it_was_not_given(app, changed, error):
    code = await app.code()
    refused = await app.exchange(**({"code": code} | changed))
    assert refused.status_code in {400, 401}
    assert refused.json()["error"] == error
    assert (await app.exchange(code)).status_code == 200


async def test_a_code_of_another_app_is_refused(app, sage):
    code = await app.code()
    async with App(sage.url, sage.tokens["writer"]) as other:
        stolen = await app.exchange(code, client_id=other.client_id)
    assert stolen.json()["error"] == "invalid_grant"
    assert (await app.exchange(code)).status_code == 200


async def test_a_code_that_has_expired_is_refused(app, oauth_sql):
    code = await app.code()
    await oauth_sql("UPDATE sage.oauth_secrets SET expires_at = now() WHERE kind = 'code'")
    assert (await app.exchange(code)).json()["error"] == "invalid_grant"


async def test_a_client_may_refresh_from_several_processes_at_once(app):
    first = (await app.exchange(await app.code())).json()
    answers = await asyncio.gather(*(app.refresh(first["refresh_token"]) for _ in range(5)))
    assert [one.status_code for one in answers] == 5 * [200]
    tokens = {one.json()["access_token"] for one in answers}
    assert len(tokens) == 5
    assert {await app.status(token) for token in tokens} == {400}


async def test_processes_that_refresh_at_once_go_on_with_one_token_that_a_thief_cannot_keep(
    app, oauth_sql
):
    first = (await app.exchange(await app.code())).json()
    answers = await asyncio.gather(*(app.refresh(first["refresh_token"]) for _ in range(6)))
    refresh_tokens = {one.json()["refresh_token"] for one in answers}
    assert len(refresh_tokens) == 1
    (shared,) = refresh_tokens
    await oauth_sql("UPDATE sage.oauth_secrets SET used_at = used_at - interval '1 day'")
    third = (await app.refresh(shared)).json()
    assert await app.status(third["access_token"]) == 400
    await oauth_sql("UPDATE sage.oauth_secrets SET used_at = used_at - interval '61 seconds'")
    assert (await app.refresh(shared)).json()["error"] == "invalid_grant"
    assert await app.status(third["access_token"]) == 401
    assert (await app.refresh(third["refresh_token"])).status_code == 400


async def test_a_refresh_token_that_is_used_much_later_again_ends_access(app, oauth_sql):
    first = (await app.exchange(await app.code())).json()
    second = (await app.refresh(first["refresh_token"])).json()
    assert await app.status(second["access_token"]) == 400
    await oauth_sql("UPDATE sage.oauth_secrets SET used_at = used_at - interval '61 seconds'")
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert await app.status(second["access_token"]) == 401
    assert (await app.refresh(second["refresh_token"])).status_code == 400


async def test_scopes_can_be_given_up_but_not_gained_by_a_refresh(app):
    read = (await app.exchange(await app.code(scope="memory:read"))).json()
    assert read["scope"] == "memory:read"
    gained = await app.refresh(read["refresh_token"], scope="memory:read memory:write")
    assert gained.json()["error"] == "invalid_scope"
    both = (await app.exchange(await app.code(scope="offline_access"))).json()
    assert both["scope"] == "memory:read memory:write"
    less = (await app.refresh(both["refresh_token"], scope="memory:read")).json()
    assert less["scope"] == "memory:read"
    again = (await app.refresh(less["refresh_token"])).json()
    assert again["scope"] == "memory:read memory:write"


async def test_a_token_opens_the_mcp_endpoint_and_nothing_else(app):
    pair = (await app.exchange(await app.code())).json()
    token = pair["access_token"]
    assert [await app.status(token, path) for path in ("/mcp", "/mcp/")] == [400, 400]
    for path in ("/api/v1/search", "/metrics", "/health/detailed", "/"):
        assert await app.status(token, path) == 401, path
    for other in (pair["refresh_token"], token[:-1], token.swapcase(), "sage_at_", f"{token}x"):
        assert await app.status(other) == 401


async def test_only_the_app_itself_revokes_its_tokens(app, sage):
    pair = (await app.exchange(await app.code())).json()
    async with App(sage.url, sage.tokens["writer"]) as other:
        asked = {"token": pair["access_token"], "client_id": other.client_id}
        assert (await app.http.post("/revoke", data=asked)).status_code == 200
    assert await app.status(pair["access_token"]) == 400
    unknown = {"token": "unknown", "client_id": app.client_id}
    assert (await app.http.post("/revoke", data=unknown)).status_code == 200
    assert (await app.http.post("/revoke", data={"token": "x"})).status_code == 400
    asked = {"token": pair["access_token"], "client_id": app.client_id}
    assert (await app.http.post("/revoke", data=asked)).status_code == 200
    assert await app.status(pair["access_token"]) == 401


async def test_nothing_that_opens_anything_is_stored(app, oauth_sql):
    code = await app.code()
    pair = (await app.exchange(code)).json()
    stored = ""
    for table in ("clients", "requests", "grants", "secrets"):
        stored += str(await oauth_sql(f"SELECT t::text FROM sage.oauth_{table} AS t"))
    assert app.client_id in stored
    for secret in (code, pair["access_token"], pair["refresh_token"], app.user.token):
        assert secret not in stored


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"state": "s" * 2001}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_answered_to_the_app_with_who_says_so(app, changed, error):
    told = said(await app.authorize(**changed))
    assert (told["error"], told["state"], told["iss"]) == (
        error,
        changed.get("state", "s"),
        app.url,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "unknown"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": "http://127.0.0.1:53682/other"},
        {"redirect_uri": "http://localhost:53682/callback"},
        {"redirect_uri": "http://127.0.0.1:53682/callback?x=1"},
        {"redirect_uri": "http://127.0.0.1:53682@evil.example/callback"},
    ],
)
async def test_nothing_is_sent_to_an_address_that_the_app_did_not_register(app, changed):
    refused = await app.authorize(**changed)
    assert refused.status_code == 400
    assert "location" not in refused.headers


async def test_a_program_may_listen_on_another_port_each_time(app):
    moved = {"redirect_uri": "http://127.0.0.1:1/callback"}
    code = await app.code(**moved)
    assert (await app.exchange(code)).status_code == 400
    assert (await app.exchange(code, **moved)).status_code == 200


async def test_the_resource_may_be_named_with_a_slash_or_left_out(app):
    for resource in (f"{app.url}/mcp", f"{app.url}/mcp/", None):
        pair = await app.exchange(await app.code(resource=resource))
        assert pair.status_code == 200

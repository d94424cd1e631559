"""How clients find the OAuth server, and what they may register."""

import asyncio
import json

import httpx
import pytest

from sage.access.oauth.provider import MAX_UNUSED_CLIENTS
from tests.access.oauth.conftest import serving_oauth
from tests.support.oauth_app import App


@pytest.fixture
async def app(sage):
    async with App(sage.url, sage.tokens["writer"]) as made:
        yield made


async def test_every_document_has_the_same_issuer_without_a_slash(app):
    for path in ("", "/mcp"):
        found = await app.http.get(f"/.well-known/oauth-authorization-server{path}")
        server = found.json()
        assert server["issuer"] == app.url
        assert server["token_endpoint_auth_methods_supported"] == ["none"]
        assert server["code_challenge_methods_supported"] == ["S256"]
    for path in ("", "/mcp"):
        found = await app.http.get(f"/.well-known/oauth-protected-resource{path}")
        assert found.json()["authorization_servers"] == [app.url]
        assert found.json()["resource"] == f"{app.url}/mcp"


async def test_a_call_without_a_token_is_told_where_to_get_one(app):
    asked = await app.http.post("/mcp", json={})
    where = f'resource_metadata="{app.url}/.well-known/oauth-protected-resource/mcp"'
    assert asked.status_code == 401
    scope = 'scope="memory:read memory:write"'
    assert asked.headers["www-authenticate"] == f"Bearer {where}, {scope}"
    shown = {"authorization": "Bearer sage_at_unknown"}
    refused = await app.http.post("/mcp", json={}, headers=shown)
    assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token", ')
    missing = await app.http.get("/.well-known/openid-configuration")
    assert missing.status_code == 404
    assert missing.json()["detail"] == "Sage has no such document"
    assert "/.well-known/oauth-protected-resource/mcp" in missing.json()["hint"]


async def test_an_app_gets_an_id_and_no_secret(app):
    made = await app.register(token_endpoint_auth_method="client_secret_post", scope="a b")
    assert made.status_code == 201
    told = made.json()
    assert told["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in told
    assert told["scope"] == "memory:read memory:write"


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:9/x",
        "http://localhost/callback",
        "http://[::1]:9/",
        "https://claude.ai/api/mcp/auth_callback",
        "https://chatgpt.com/connector/oauth/aB_c-1",
    ],
)
async def test_known_redirect_addresses_are_taken(app, uri):
    assert (await app.register(redirect_uris=[uri])).status_code == 201


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/api/mcp/auth_callback",
        "https://claude.ai/api/mcp/auth_callback?x=1",
        "https://claude.ai/api/mcp/auth_callback/../../evil",
        "http://claude.ai/api/mcp/auth_callback",
        "https://claude.ai.evil.example/api/mcp/auth_callback",
        "https://claude.ai:444/api/mcp/auth_callback",
        "https://u@claude.ai/api/mcp/auth_callback",
        "https://claude.ai@evil.example/api/mcp/auth_callback",
        "https://chatgpt.com/connector/oauth/",
        "https://chatgpt.com/connector/oauth/a/b",
        "https://chatgpt.com/connector/oauth/..",
        "http://127.0.0.1.evil.example/",
        "http://localhost:1@evil.example/",
        "http://127.0.0.1/#f",
        "https://127.0.0.1/",
        "javascript:alert(1)",
        "custom://callback",
    ],
)
async def test_other_redirect_addresses_are_refused(app, uri):
    refused = await app.register(redirect_uris=[uri])
    assert refused.status_code == 400
    assert refused.json()["error"] == "invalid_redirect_uri"
    assert "SAGE_OAUTH_REDIRECT_URIS" in refused.json()["error_description"]
    kept = await app.register(redirect_uris=[uri, "http://127.0.0.1/", uri])
    assert kept.json()["redirect_uris"] == ["http://127.0.0.1/"]
    sent = await app.authorize(client_id=kept.json()["client_id"], redirect_uri=uri)
    assert sent.status_code == 400


async def test_a_large_or_broken_registration_is_refused(app):
    for about in (
        {"client_name": "x" * 6000},
        {"redirect_uris": []},
        {"grant_types": ["implicit"]},
    ):
        assert (await app.register(**about)).json()["error"] == "invalid_client_metadata"


async def test_whoever_registers_many_apps_displaces_none_of_others(app, oauth_sql):
    await oauth_sql("DELETE FROM sage.oauth_clients WHERE used_at IS NULL")
    await oauth_sql(
        "INSERT INTO sage.oauth_clients (client_id, document, network)"
        " SELECT 'unused-' || n, '{}', '198.51.' || n % 20 || '.0/24'"
        " FROM generate_series(1, $1) AS n",
        MAX_UNUSED_CLIENTS,
    )
    answers = await asyncio.gather(*(app.register() for _ in range(4)))
    assert [one.status_code for one in answers] == [201] * 4
    left = await oauth_sql("SELECT client_id FROM sage.oauth_clients WHERE used_at IS NULL")
    kept = {row["client_id"] for row in left}
    assert len(kept) == MAX_UNUSED_CLIENTS
    assert {one.json()["client_id"] for one in answers} <= kept
    await oauth_sql("DELETE FROM sage.oauth_clients WHERE used_at IS NULL")


async def test_the_network_of_an_app_is_forgotten_once_it_is_used(app, oauth_sql):
    async def network():
        found = "SELECT network FROM sage.oauth_clients WHERE client_id = $1"
        return (await oauth_sql(found, app.client_id))[0]["network"]

    assert await network() == "127.0.0.0/24"
    await app.code()
    assert await network() is None


async def test_settings_name_more_redirect_addresses_and_turn_documents_off(dsn, tmp_path):
    more = "https://chat.example.org/oauth/callback"
    with serving_oauth(dsn, tmp_path, oauth_redirect_uris=more, oauth_client_hosts="none") as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            about = {"redirect_uris": [more]}
            assert (await http.post("/register", json=about)).status_code == 201
            found = await http.get("/.well-known/oauth-authorization-server")
    assert json.loads(found.text)["client_id_metadata_document_supported"] is False

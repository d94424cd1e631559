"""The token: who gets in."""

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from sage.api.access import refuse_open_bind
from sage.api.http.deprecated_routes import SUCCESSORS
from sage.api.middleware.body_limit import REST_LIMIT_BYTES
from sage.config.choices import AuthMode
from sage.config.server_settings import ServerSettings
from sage.errors import ConfigurationError
from tests.support.asgi import app_with, caller
from tests.support.guarded import OPEN

TOKEN = "a-token-of-at-least-32-characters!"


def routes_of(app):
    """Every path and method the application serves, with its parameters filled in."""
    found = []
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        waiting += getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", []
        )
        if isinstance(route, Route | APIRoute):
            path = route.path.replace(":path", "").replace("{", "").replace("}", "")
            found += [(method, path) for method in route.methods]
    return found


async def test_every_route_but_the_open_ones_asks_for_the_token(tmp_path):
    app = app_with(tmp_path, token=TOKEN)
    routes = routes_of(app)
    paths = {path for _, path in routes}
    assert {"/mcp", "/health/detailed", "/api/v1/search", "/api/v1/memories/memory_id"} <= paths
    assert set(SUCCESSORS) <= paths
    async with caller(app) as client:
        for method, path in [*routes, ("GET", "/"), ("GET", "/no/such/route"), ("POST", "/docs/x")]:
            answer = await client.request(method, path)
            assert (answer.status_code == 401) == (path not in OPEN), (method, path)


@pytest.mark.parametrize("path", sorted({*SUCCESSORS, *SUCCESSORS.values()}))
async def test_former_paths_pass_the_same_guards_as_their_successors(tmp_path, path):
    shown = {"authorization": f"Bearer {TOKEN}"}
    async with caller(app_with(tmp_path, token=TOKEN), headers=shown) as client:
        for headers, body, status in (
            ({"host": "evil.example"}, b"{}", 421),
            ({"origin": "http://evil.example"}, b"{}", 403),
            ({"authorization": "Bearer wrong"}, b"{}", 401),
            ({}, b" " * (REST_LIMIT_BYTES + 1), 413),
            ({}, b"[" * 100, 400),
            ({}, b"\xff", 400),
            ({"content-type": "application/json"}, b'{"session_id": 7}', 422),
        ):
            answer = await client.post(path, content=body, headers=headers)
            assert answer.status_code == status, (headers, body[:9])
            assert answer.json()["hint"]


async def test_a_missing_and_a_wrong_token_get_the_same_answer(tmp_path):
    refused = [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Bearer {TOKEN[:-1]}"},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": TOKEN},
        {"authorization": "Bearer \u00e9".encode("latin-1")},
    ]
    async with caller(app_with(tmp_path, token=TOKEN)) as client:
        bodies = set()
        for headers in refused:
            answer = await client.get("/health/detailed", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            bodies.add(answer.text.replace(answer.headers["x-request-id"], ""))
        assert len(bodies) == 1
        in_query = await client.get(f"/health/detailed?token={TOKEN}")
        assert in_query.status_code == 401
        for scheme in ("Bearer", "bearer"):
            shown = {"authorization": f"{scheme} {TOKEN}"}
            assert (await client.get("/health/detailed", headers=shown)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/register",
    ],
)
async def test_a_client_that_looks_for_oauth_is_told_that_there_is_none(tmp_path, path):
    async with caller(app_with(tmp_path, token=TOKEN)) as client:
        for method in ("GET", "POST", "OPTIONS"):
            answer = await client.request(method, path)
            assert answer.status_code == 404, method
            assert "SAGE_TOKEN" in answer.json()["hint"]


async def test_only_those_who_show_the_token_are_told_how_much_is_kept(tmp_path):
    async with caller(app_with(tmp_path, token=TOKEN)) as client:
        assert (await client.get("/health")).json()["memory_count"] is None
        shown = {"authorization": f"Bearer {TOKEN}"}
        assert (await client.get("/health", headers=shown)).json()["memory_count"] == 3
    async with caller(app_with(tmp_path)) as client:
        assert (await client.get("/health")).json()["memory_count"] == 3


async def test_documentation_is_off_in_production(tmp_path):
    async with caller(app_with(tmp_path, env="prod")) as client:
        for path in ("/docs", "/openapi.json"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert "SAGE_ENV=prod" in answer.json()["hint"]
    async with caller(app_with(tmp_path, env="prod", token=TOKEN)) as client:
        for path in ("/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 401


def test_a_bind_open_to_others_needs_a_token():
    for host in ("0.0.0.0", "::", "192.168.1.4", "sage.example"):
        with pytest.raises(ConfigurationError) as refused:
            refuse_open_bind(ServerSettings(host=host))
        assert "SAGE_TOKEN" in refused.value.problems[0].hint
        with pytest.raises(ConfigurationError):
            refuse_open_bind(ServerSettings(host=host, token=TOKEN, auth=AuthMode.NONE))
        refuse_open_bind(ServerSettings(host=host, token=TOKEN))
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost", "sage.localhost"):
        refuse_open_bind(ServerSettings(host=host))


@pytest.mark.parametrize(
    ("settings", "status"), [({}, 401), ({"auth": AuthMode.NONE}, 200)], ids=["no token", "none"]
)
async def test_a_token_that_is_none_is_refused_where_no_token_is_needed(tmp_path, settings, status):
    shown = {"authorization": f"Bearer {TOKEN}"}
    async with caller(app_with(tmp_path, **settings)) as client:
        assert (await client.get("/health", headers=shown)).status_code == 200
        answer = await client.get("/health/detailed", headers=shown)
        assert answer.status_code == status
        assert status == 200 or "sage token create" in answer.json()["hint"]
        assert (await client.get("/health/detailed")).status_code == 200

"""The MCP endpoint byte by byte: what the specification asks of a stateless server.

Rules from the MCP specification of 2026-07-28, basic/transports/streamable-http.
"""

import json

import httpx
import pytest
from starlette.applications import Starlette

from sage.api.mcp.server import build_mcp_server, streamable_http_routes
from sage.config.server_settings import ServerSettings
from tests.support import plain_http
from tests.support.asgi import caller
from tests.support.serving import serving, settings_for

VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
EVIL = "evil.example"
TOKEN = "a-token-of-at-least-32-characters!"


def request(method, name=None, *, modern=True, **params):
    """Build headers and body of one call."""
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    if modern:
        headers |= {"mcp-protocol-version": VERSION, "mcp-method": method}
        headers |= {"mcp-name": name} if name else {}
        body["params"] = params | {"_meta": META}
    return {"headers": headers, "content": json.dumps(body)}


def post(url, method, name=None, *, modern=True, changed=(), **params):
    call = request(method, name, modern=modern, **params)
    call["headers"] |= dict(changed)
    return httpx.post(f"{url}/mcp", timeout=30, **call)


@pytest.mark.parametrize("modern", [True, False])
def test_a_call_is_answered_as_one_json_object_without_a_session(sage_url, modern):
    answer = post(sage_url, "tools/list", modern=modern)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert "mcp-session-id" not in answer.headers
    assert len(answer.json()["result"]["tools"]) == 6


def test_the_older_handshake_needs_no_session_afterwards(sage_url):
    hello = post(
        sage_url,
        "initialize",
        modern=False,
        protocolVersion="2025-11-25",
        capabilities={},
        clientInfo={"name": "test", "version": "1"},
    )
    assert hello.json()["result"]["protocolVersion"] == "2025-11-25"
    assert "mcp-session-id" not in hello.headers
    version = {"mcp-protocol-version": "2025-11-25"}
    answer = post(sage_url, "tools/list", modern=False, changed=version)
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_only_post_is_served(sage_url, method):
    answer = plain_http.request(method, f"{sage_url}/mcp", headers={"accept": "text/event-stream"})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def test_headers_that_contradict_the_body_are_refused(sage_url):
    answer = post(sage_url, "tools/list", changed={"mcp-method": "prompts/list"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32020


def test_an_unknown_protocol_version_is_refused(sage_url):
    answer = post(sage_url, "tools/list", changed={"mcp-protocol-version": "2031-01-01"})
    assert answer.status_code == 400


def test_a_trailing_slash_makes_no_difference(sage_url):
    call = request("tools/list")
    answer = plain_http.post(f"{sage_url}/mcp/", **call)
    assert answer.status_code == 200
    assert len(answer.json()["result"]["tools"]) == 6
    large = plain_http.post(
        f"{sage_url}/mcp/", content=b" " * (2 * 1024 * 1024), headers=call["headers"]
    )
    assert large.status_code == 400, "the limit of the endpoint holds, not that of REST"


def test_an_unknown_method_is_not_found(sage_url):
    answer = post(sage_url, "memory/drop")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == -32601


def test_answers_that_may_be_cached_say_how_long(sage_url):
    for method in ("tools/list", "resources/list", "prompts/list"):
        result = post(sage_url, method).json()["result"]
        assert {"ttlMs", "cacheScope"} <= result.keys()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"x"',
        b"[]",
        b'[{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}]',
        b'{"jsonrpc": "1.0", "id": 1, "method": "tools/list"}',
        b'{"jsonrpc": "2.0", "id": {}, "method": "tools/list"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": 5}',
        b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "tools/list", "params": {}}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "\xff"}',
        b"[" * 100_000,
        b"9" * 5_000,
        b"x" * (5 * 1024 * 1024),
    ],
    ids=lambda body: repr(body[:40]),
)
@pytest.mark.parametrize("modern", [True, False])
def test_what_is_no_call_gets_no_result_and_harms_nothing(sage_url, body, modern):
    headers = request("tools/list", modern=modern)["headers"]
    answer = plain_http.post(f"{sage_url}/mcp", content=body, headers=headers)
    assert answer.status_code == 202 or 400 <= answer.status_code < 500, answer.text
    assert not answer.content or "result" not in answer.json()


def test_host_and_origin_are_checked_whatever_address_sage_listens_on(postgres_dsn, tmp_path):
    settings = settings_for(
        postgres_dsn, tmp_path, host="0.0.0.0", token=TOKEN, allowed_hosts=("sage.example",)
    )
    shown = {"authorization": f"Bearer {TOKEN}"}
    with serving(settings) as url:
        assert status_with(url, shown) == 200
        assert status_with(url, shown | {"host": "sage.example"}) == 200
        assert status_with(url, shown | {"origin": "http://localhost:5173"}) == 200
        assert status_with(url, shown | {"host": EVIL}) == 421
        assert status_with(url, shown | {"origin": f"http://{EVIL}"}) == 403
        assert status_with(url, shown | {"origin": "null"}) == 403
        assert status_with(url, {}) == 401


def status_with(url, headers):
    return post(url, "tools/list", changed=headers).status_code


async def test_the_sdk_itself_checks_host_and_origin_beside_the_guard_before_it():
    server = build_mcp_server(lambda: None, ServerSettings())
    routes = streamable_http_routes(server, ServerSettings(host="0.0.0.0", token=TOKEN))
    async with server.session_manager.run(), caller(Starlette(routes=routes)) as client:
        call = request("tools/list")
        for headers, status in (
            ({}, 200),
            ({"host": EVIL}, 421),
            ({"origin": f"http://{EVIL}"}, 403),
        ):
            answer = await client.post(
                "/mcp", content=call["content"], headers=call["headers"] | headers
            )
            assert answer.status_code == status

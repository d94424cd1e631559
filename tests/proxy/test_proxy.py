"""The configurations in `deploy/proxy`, with Debian's own nginx and Caddy."""

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.proxy.conftest import NAME, TOKEN
from tests.support.serving import DEADLINE_S, wait_until

SAVED = {"user_prompt": "Where does the heron nest?", "assistant_response": "By the mill."}


async def test_an_mcp_client_saves_and_finds_through_tls(proxied):
    async def under_its_name(request):
        request.extensions["sni_hostname"] = NAME

    async with (
        httpx2.AsyncClient(
            verify=proxied.trust(),
            headers={"host": NAME, "authorization": f"Bearer {TOKEN}"},
            event_hooks={"request": [under_its_name]},
            timeout=DEADLINE_S,
        ) as http,
        Client(streamable_http_client(f"{proxied.url}/mcp", http_client=http)) as client,
    ):
        saved = await client.call_tool("save_conversation", SAVED)
        found = await client.call_tool("search_memory", {"query": "heron"})
    assert saved.structured_content["memory_ids"]
    assert SAVED["user_prompt"] in str(found.structured_content)


def test_plain_http_is_sent_to_https(proxied):
    url = f"http://127.0.0.1:{proxied.plain_port}/mcp"
    answer = httpx.get(url, headers={"host": NAME}, timeout=DEADLINE_S)
    assert answer.status_code == 308
    assert re.fullmatch(rf"https://{NAME}(:\d+)?/mcp", answer.headers["location"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": f"https://{NAME}"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"authorization": "Bearer wrong"}, 401),
    ],
)
def test_sage_judges_token_and_origin_behind_the_proxy(proxied, headers, status):
    with proxied.client(**headers) as client:
        answer = client.get("/api/v1/stats")
    assert answer.status_code == status
    assert "max-age" in answer.headers["strict-transport-security"]


def test_a_foreign_host_gets_nothing_of_sage(proxied):
    with proxied.client(host="evil.example") as client:
        answer = client.get("/api/v1/stats")
    assert "memories" not in answer.text


def test_a_body_beyond_the_limit_of_sage_is_refused(proxied):
    body = json.dumps(SAVED | {"assistant_response": "x" * 5 * 2**20})
    with proxied.client() as client, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: client.post("/mcp", content=body), range(40))
        assert {answer.status_code for answer in answers} == {413}


def test_a_body_of_three_megabytes_comes_through(proxied):
    call = {
        "name": "save_conversation",
        "arguments": SAVED | {"assistant_response": "x" * 3 * 2**20},
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    with proxied.client(accept="application/json, text/event-stream") as client:
        answer = client.post("/mcp", json=body)
    assert answer.status_code not in {408, 413, 502, 504}


def test_a_file_to_be_imported_may_be_larger_than_other_bodies(proxied):
    with proxied.client() as client:
        asked = {"params": {"name": "big.bin"}, "content": bytes(65 * 2**20)}
        answer = client.post("/api/v1/imports/files", **asked)
        assert answer.status_code != 413
        assert client.post("/api/v1/search", content=asked["content"]).status_code == 413


def test_the_log_of_the_proxy_has_the_client_and_the_id_that_sage_logs(proxied):
    with proxied.client() as client:
        identifier = client.get("/api/v1/stats").headers["x-request-id"]
    wait_until(lambda: identifier in proxied.log, "a line in the proxy's log")
    line = next(line for line in proxied.log.splitlines() if identifier in line)
    assert "127.0.0.1" in line
    wait_until(lambda: identifier in proxied.sage_log.read_text(), "a line in Sage's log")
    lines = [json.loads(line) for line in proxied.sage_log.read_text().splitlines()]
    assert any(line.get("request_id") == identifier for line in lines)


def test_the_metrics_are_not_for_everybody(proxied):
    with proxied.client() as client:
        assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("name", "timeout"), [("nginx", "client_header_timeout 10s"), ("caddy", "read_header 10s")]
)
def test_a_client_that_stops_in_its_headers_is_cut_off(behind, name, timeout):
    with behind(name, **{timeout: timeout.replace("10s", "1s")}) as proxied:
        with (
            socket.create_connection(("127.0.0.1", proxied.port), timeout=DEADLINE_S) as raw,
            proxied.trust().wrap_socket(raw, server_hostname=NAME) as client,
        ):
            client.sendall(b"GET /health HTTP/1.1\r\nhost: ")
            answer = b"".join(iter(lambda: client.recv(65_536), b""))
        assert b" 200 " not in answer


def test_nginx_slows_down_who_asks_too_often(behind):
    fewer = {"rate=20r/s": "rate=1r/s", "burst=40": "burst=5"}
    with behind("nginx", **fewer) as proxied, proxied.client() as client:
        statuses = [client.get("/health").status_code for _ in range(40)]
    assert set(statuses) == {200, 429}

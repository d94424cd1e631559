"""Without a token, Sage serves the account that runs it, and root; whoever shows a token, by it."""

import os
import socket
import struct

import httpx
import pytest

from sage.local import loopback_peer
from sage.local.loopback_peer import account_of, is_of_another_account, tells_accounts
from tests.support import plain_http
from tests.support.accounts import ordinary_user
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import wait_until

AT_ONCE = struct.pack("ii", 1, 0)
SAVE = {"messages": [{"role": "user", "content": "The vault is left open at night."}]}
takes_another = pytest.mark.skipif(os.geteuid() != 0, reason="takes a second account")
MCP = {
    "headers": {"accept": "application/json, text/event-stream"},
    "json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
}


@pytest.fixture
def ends():
    """Give a connection on loopback: the server's end, and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        with server, client:
            yield server, client


def as_another(port, method, path, **more):
    """Send a request on a connection that another account opened."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
        with ordinary_user():
            client.get("/health/liveness")
        return client.request(method, path, **more)


@takes_another
def test_another_account_is_refused_with_a_hint_until_it_shows_a_token(tmp_path, postgres_dsn):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn):
        wait_until(lambda: answers(port), "readiness")
        for method, path, more in (
            ("GET", "/api/v1/me", {}),
            ("POST", "/api/v1/search", {"json": {"query": "vault"}}),
            ("POST", "/mcp", MCP),
            ("GET", "/health/detailed", {}),
            ("GET", "/metrics", {}),
        ):
            refused = as_another(port, method, path, **more)
            assert refused.status_code == 403, path
            assert "sage token create" in refused.json()["hint"]
            assert plain_http.request(method, url + path, **more).status_code == 200
        for page in ("/", "/system", "/no-such-page"):
            shown = as_another(port, "GET", page, headers={"accept": "text/html"})
            assert shown.status_code == 403
            assert "another one" in shown.text
        assert as_another(port, "GET", "/health").status_code == 200
        assert plain_http.get(url).status_code == 200
        made = plain_http.post(f"{url}/api/v1/tokens", json={"opens": ["default"]}).json()
        shown = {"authorization": f"Bearer {made['token']}"}
        assert as_another(port, "GET", "/api/v1/me", headers=shown).status_code == 200


@takes_another
def test_another_account_saves_nothing_by_closing_before_it_is_asked(tmp_path, postgres_dsn):
    port = free_port()
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn):
        wait_until(lambda: answers(port), "readiness")
        request = httpx.Request("POST", f"http://127.0.0.1:{port}/api/v1/conversations", json=SAVE)
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        sent = f"POST /api/v1/conversations HTTP/1.1\r\n{head}\r\n".encode() + request.content
        for reset in (True, False):
            with socket.socket() as connection:
                with ordinary_user():
                    connection.connect(("127.0.0.1", port))
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                connection.sendall(sent)
        found = plain_http.post(
            f"http://127.0.0.1:{port}/api/v1/search", json={"query": "the vault"}
        )
        assert found.json()["results"] == []


@takes_another
def test_every_account_is_served_where_the_settings_say_so(tmp_path, postgres_dsn):
    port = free_port()
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn, SAGE_AUTH="none"):
        wait_until(lambda: answers(port), "readiness")
        for path in ("/api/v1/me", "/"):
            assert as_another(port, "GET", path).status_code == 200


def test_the_kernel_tells_who_opened_a_connection_while_it_is_open(ends, monkeypatch):
    server, client = (end.getsockname() for end in ends)
    assert tells_accounts()
    assert account_of(client, server) == os.geteuid()
    assert not is_of_another_account(server, client)
    ends[1].shutdown(socket.SHUT_WR)  # a client that has sent all still waits for the answer
    assert not is_of_another_account(server, client)
    ends[1].close()
    assert account_of(client, server) is None
    assert is_of_another_account(server, client)
    ends[0].close()
    monkeypatch.delattr(socket, "AF_NETLINK")
    tells_accounts.cache_clear()
    try:
        assert not is_of_another_account(server, client)
    finally:
        tells_accounts.cache_clear()


def test_accounts_are_told_apart(ends, monkeypatch):
    server, client = (end.getsockname() for end in ends)
    monkeypatch.setattr(loopback_peer, "account_of", lambda *_: os.geteuid() + 1)
    monkeypatch.setattr(loopback_peer, "tells_accounts", lambda: True)
    assert is_of_another_account(server, client)
    monkeypatch.setattr(loopback_peer, "account_of", lambda *_: 0)
    assert not is_of_another_account(server, client)

"""Clients that send without reading, or hold connections: each reads its answer, nothing stays."""

import json
import shutil
import socket
import subprocess
from contextlib import contextmanager

import httpx
import httpx2
import psutil
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.support.live import new_database
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import DEADLINE_S, wait_until

TOKEN = "a-token-of-at-least-32-characters!"
TIMES = 20
HELD = 400
DESCRIPTORS = 300
PROBES = ("/health/liveness", "/health/readiness", "/health")
NODE = shutil.which("node")
FETCH = """
const [url, size, times] = process.argv.slice(1);
const body = JSON.stringify({user_prompt: "x".repeat(Number(size)), assistant_response: "y"});
const headers = {"content-type": "application/json", accept: "application/json, text/event-stream"};
const seen = {};
for (let i = 0; i < Number(times); i++) {
  let outcome;
  try {
    const answer = await fetch(url, {method: "POST", headers, body});
    outcome = `${answer.status} ${(await answer.json()).status}`;
  } catch (error) {
    outcome = String(error.cause?.code ?? error);
  }
  seen[outcome] = (seen[outcome] ?? 0) + 1;
}
console.log(JSON.stringify(seen));
"""


@pytest.fixture(scope="module")
def start(postgres_server, migrated_template, tmp_path_factory):
    """Start Sage on a database of its own; give its port and its process."""

    @contextmanager
    def started(prefix=(), **env):
        folder, port = tmp_path_factory.mktemp("sage"), free_port()
        with (
            new_database(postgres_server, migrated_template) as dsn,
            sage(folder, port=port, prefix=prefix, DATABASE_URL=dsn, **env) as server,
        ):
            wait_until(lambda: answers(port), "readiness")
            yield port, psutil.Process(server.pid)

    return started


@pytest.fixture(scope="module")
def open_to_all(start):
    with start() as running:
        yield running


@pytest.fixture
def port(open_to_all):
    number, process = open_to_all
    yield number
    wait_until(lambda: not sockets_of(process, number), "the end of all connections")


@pytest.fixture(scope="module")
def guarded(start):
    """Serve with a token and few descriptors."""
    limit = ("sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "sh")
    with start(limit, SAGE_TOKEN=TOKEN) as running:
        yield running


def sockets_of(process, port):
    return [one for one in process.net_connections("tcp") if one.laddr.port == port and one.raddr]


def large_call(mebibytes):
    return {"user_prompt": "x" * mebibytes * 2**20, "assistant_response": "y"}


@pytest.mark.parametrize("mebibytes", [5, 20])
async def test_the_official_client_reads_413_whatever_it_sends(port, mebibytes):
    statuses = []

    async def note(response):
        statuses.append(response.status_code)

    async with httpx2.AsyncClient(event_hooks={"response": [note]}, timeout=DEADLINE_S) as http:
        url = f"http://127.0.0.1:{port}/mcp"
        async with Client(streamable_http_client(url, http_client=http)) as client:
            statuses.clear()
            for _ in range(TIMES):
                with pytest.raises(MCPError, match="error response"):
                    await client.call_tool("save_conversation", large_call(mebibytes))
    assert statuses == [413] * TIMES


@pytest.mark.parametrize("mebibytes", [5, 20])
def test_node_reads_413_whatever_it_sends(port, mebibytes):
    if NODE is None:
        pytest.skip("node is not installed")
    url, size = f"http://127.0.0.1:{port}/mcp", str(mebibytes * 2**20)
    run = subprocess.run(
        [NODE, "--input-type=module", "--eval", FETCH, url, size, str(TIMES)],
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE_S,
    )
    assert json.loads(run.stdout) == {"413 413": TIMES}


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n", 401),
        (b"POST /mcp HTTP/1.1\r\nhost: evil.example\r\n", 421),
        (b"POST /mcp HTTP/1.1\r\nhost: localhost\r\norigin: http://evil.example\r\n", 403),
        (b"POST /health/nothing HTTP/1.1\r\nhost: localhost\r\n", 401),
        (b"GET /health HTTP/1.1\r\nhost: localhost\r\n", 200),
        (b"GET /health/liveness HTTP/1.1\r\nhost: localhost\r\n", 200),
    ],
)
def test_an_early_answer_is_read_and_ends_its_connection(guarded, head, status):
    port, _ = guarded
    body = b"x" * 5 * 2**20
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as client:
        client.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        answer = rest_of(client)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"connection: close\r\n" in answer


def hold(port, begun):
    connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
    connection.sendall(begun)
    return connection


def rest_of(connection):
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"\r\n",
        b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n",
        b"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\nx",
        b"GET /health HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\nx",
    ],
    ids=["nothing", "a line break", "half a head", "half a body", "half a body to a probe"],
)
def test_held_connections_keep_no_probe_from_its_answer(guarded, begun):
    port, process = guarded
    held = [hold(port, begun) for _ in range(HELD)]
    try:
        for path in PROBES * 3:
            assert httpx.get(f"http://127.0.0.1:{port}{path}", timeout=10).status_code == 200
        assert process.num_fds() < DESCRIPTORS
    finally:
        for connection in held:
            connection.close()
    wait_until(lambda: not sockets_of(process, port), "the end of all connections")


def test_a_connection_whose_client_stops_is_ended(guarded):
    port, _ = guarded
    rest = b"content-length: 100000\r\n\r\n"
    with (
        hold(port, b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n" + rest) as refused,
        hold(port, b"GET /health/liveness HTTP/1.1\r\nhost: localhost\r\n\r\n") as answered,
    ):
        first = [connection.recv(65_536) for connection in (refused, answered)]
        refused.sendall(b"x")
        answered.sendall(b"\r\n")
        for connection, status in ((refused, 401), (answered, 200)):
            answer = first.pop(0) + rest_of(connection)
            assert answer.startswith(b"HTTP/1.1 %d " % status)
            assert answer.endswith(b"}")

"""The Unix socket of a data directory: whose it is, and who gets in by it."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager, suppress

import asyncpg
import pytest

from sage.api.server.listeners import unix_listener
from sage.clients.data_dir.server_socket import NAME, connect_to_server, socket_path
from tests.support import plain_http
from tests.support.accounts import ordinary_user
from tests.support.ports import free_port
from tests.support.process import answers, sage
from tests.support.serving import DEADLINE_S, wait_until

TOKEN = "a-token-of-at-least-32-characters!"
HOLDS = """
import sys
from pathlib import Path
from sage.api.server.listeners import unix_listener
with unix_listener(Path(sys.argv[1])) as listener:
    print(listener is not None, flush=True)
    sys.stdin.read()
"""


async def execute(dsn, statement):
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


def asked(data_dir, method, path, body=None, **headers):
    """Send a request by the socket; return the status and the answer."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = connect_to_server(str(data_dir), DEADLINE_S)
    with closing(connection):
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


@contextmanager
def holding(data_dir):
    """Listen in another process; give it, and whether it could."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield process, process.stdout.readline() == b"True\n"
    finally:
        process.kill()
        process.communicate()


def is_answered(data_dir):
    try:
        connect_to_server(str(data_dir), DEADLINE_S).close()
    except OSError:
        return False
    return True


def test_the_owner_reaches_every_space_by_the_socket_and_by_nothing_else(postgres_dsn, tmp_path):
    port, data_dir = free_port(), tmp_path / "data"
    data_dir.mkdir()
    turn = {"user_prompt": "What is by the mill?", "assistant_response": "Herons, by the mill."}
    env = {"DATABASE_URL": postgres_dsn, "SAGE_TOKEN": TOKEN}
    with sage(tmp_path, "--workers", "2", port=port, **env) as process:
        wait_until(lambda: answers(port), "readiness")
        asyncio.run(execute(postgres_dsn, "INSERT INTO sage.spaces (id, name) VALUES ('a', 'b')"))
        assert asked(data_dir, "POST", "/api/v1/conversations", turn | {"space": "b"})[0] == 200
        for space, found in (("b", 1), ("a", 1), ("*", 1), ("default", 0), ("c", None)):
            query = {"query": "mill", "n": 2, "space": space}
            status, answer = asked(data_dir, "POST", "/api/v1/search", query)
            assert status == (404 if found is None else 200), (space, answer)
            assert found is None or len(answer["results"]) == found, (space, answer)
        assert asked(data_dir, "GET", "/health/detailed")[0] == 200
        for headers, status in (({"authorization": "Bearer wrong"}, 401), ({"host": "evil"}, 421)):
            assert asked(data_dir, "GET", "/api/v1/stats", **headers)[0] == status, headers
        for headers in ({}, {"sage.by_owner": "1"}, {"x-forwarded-for": "socket"}):
            url = f"http://127.0.0.1:{port}/api/v1/stats"
            assert plain_http.get(url, headers=headers).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    assert not os.path.lexists(socket_path(str(data_dir)))


@pytest.mark.parametrize("name", ["data", "a long name " * 15])
def test_a_dead_servers_socket_is_replaced_and_a_live_ones_is_not(tmp_path, name):
    data_dir = tmp_path / name
    data_dir.mkdir()
    with holding(data_dir) as (first, listens):
        assert listens
        assert is_answered(data_dir)
        with holding(data_dir) as (_, second_listens):
            assert not second_listens
        assert is_answered(data_dir)
        first.kill()
        first.wait()
        assert os.path.lexists(socket_path(str(data_dir)))
        assert not is_answered(data_dir)
    with unix_listener(data_dir) as listener:
        assert listener is not None
        assert is_answered(data_dir)
    assert not os.path.lexists(socket_path(str(data_dir)))


def test_where_no_socket_can_be_sage_starts_without_one_and_says_why(tmp_path):
    (tmp_path / "socket").write_text("in the way")
    with unix_listener(tmp_path) as listener:
        assert listener is None
    with unix_listener(tmp_path / "missing") as listener:
        assert listener is None


@pytest.mark.skipif(os.geteuid() != 0, reason="takes a second account")
def test_another_user_is_hung_up_on_and_not_believed(tmp_path, postgres_dsn, monkeypatch):
    port, data_dir = free_port(), tmp_path / "data"
    folder = data_dir / "socket"
    data_dir.mkdir()
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn):
        wait_until(lambda: answers(port), "readiness")
        folder.chmod(0o711)
        (folder / NAME).chmod(0o666)
        monkeypatch.chdir(folder)
        with socket.socket(socket.AF_UNIX) as connection:
            with ordinary_user():
                connection.connect(NAME)
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
                assert connection.recv(1024) == b""
    folder.chmod(0o777)
    with socket.socket(socket.AF_UNIX) as impostor:
        with ordinary_user():
            impostor.bind(NAME)
            impostor.listen()
        with pytest.raises(PermissionError):
            connect_to_server(str(data_dir), DEADLINE_S)
        folder.chmod(0o700)
        with pytest.raises(PermissionError, match="another user answers"):
            connect_to_server(str(data_dir), DEADLINE_S)

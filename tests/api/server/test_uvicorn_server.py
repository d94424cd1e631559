"""The server as a process: its port, its signals, its failures to start."""

import json
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.support import plain_http
from tests.support.ports import free_port
from tests.support.process import answers, environment, sage
from tests.support.serving import DEADLINE_S, wait_until

BODY = json.dumps({"user_prompt": "Hello", "assistant_response": "Hi"}).encode()
HEAD = (
    b"POST /api/v1/conversations HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    b"connection: close\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(BODY)
)


def failing(tmp_path, *arguments, port, **env):
    """Run `sage serve` where it cannot start; give its exit code and what it said."""
    with sage(tmp_path, *arguments, port=port, **env) as process:
        code = process.wait(DEADLINE_S)
    return code, (tmp_path / "log").read_text()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_running_calls_finish_and_takes_no_new_ones(postgres_dsn, tmp_path, stop):
    port = free_port()
    with sage(tmp_path, port=port, DATABASE_URL=postgres_dsn) as process:
        wait_until(lambda: answers(port), "readiness")
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as running:
            running.sendall(HEAD)
            assert b"100 Continue" in running.recv(1024)
            process.send_signal(stop)
            wait_until(lambda: not answers(port, "/health/liveness"), "the end of accepting")
            assert process.poll() is None
            running.sendall(BODY)
            answer = b"".join(iter(lambda: running.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert b'"saved":true' in answer
        assert b"\r\nserver:" not in answer.lower()
        assert process.wait(DEADLINE_S) == 0


def test_a_stop_answers_those_whose_request_is_on_its_way(postgres_dsn, tmp_path):
    port = free_port()
    request = HEAD.replace(b"expect: 100-continue\r\n", b"") + BODY
    with ExitStack() as stack, sage(tmp_path, port=port, DATABASE_URL=postgres_dsn) as process:
        wait_until(lambda: answers(port), "readiness")

        def connected(begun):
            connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
            connection.sendall(begun)
            return stack.enter_context(connection)

        begun = ["", "POST", request[:60].decode()] * 5
        callers = [(connected(text.encode()), len(text)) for text in begun]
        assert answers(port)  # by now they are accepted
        process.send_signal(signal.SIGSTOP)
        callers += [(connected(b""), 0) for _ in range(20)]
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: not answers(port, "/health/liveness"), "the end of accepting")
        for connection, sent in callers:
            connection.sendall(request[sent:])
        for connection, _ in callers:
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))  # noqa: B023 - read at once
            assert answer.startswith(b"HTTP/1.1 200")
        assert process.wait(DEADLINE_S) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_that_drains_serves_on_without_being_ready(postgres_dsn, tmp_path, workers):
    port = free_port()
    drain = {"DATABASE_URL": postgres_dsn, "SAGE_DRAIN_SECONDS": "5"}
    with sage(tmp_path, "--workers", workers, port=port, **drain) as process:
        wait_until(lambda: "ready" in events(tmp_path), "the announcement")
        wait_until(lambda: answers(port), "readiness")
        process.send_signal(signal.SIGTERM)

        def answer_to(path):
            return plain_http.get(f"http://127.0.0.1:{port}{path}", timeout=DEADLINE_S)

        def is_unready():  # workers are told one after the other
            answer = answer_to("/health/readiness")
            return (answer.status_code, answer.json()["state"]) == (503, "stopping")

        def is_served_and_closed():
            answer = answer_to("/api/v1/stats")
            assert answer.status_code == 200
            return answer.headers.get("connection") == "close"

        wait_until(is_unready, "the end of readiness")
        wait_until(is_served_and_closed, "an answer that ends its connection")
        assert process.wait(DEADLINE_S) == 0


def events(tmp_path):
    """Give what was logged, in order."""
    lines = (tmp_path / "log").read_text().splitlines()
    return [json.loads(line)["event"] for line in lines if line.startswith("{")]


def test_several_workers_share_the_port_and_stop_together(postgres_dsn, tmp_path):
    port = free_port()
    with sage(tmp_path, "--workers", "2", port=port, DATABASE_URL=postgres_dsn) as process:
        wait_until(lambda: "ready" in events(tmp_path), "the announcement")
        wait_until(lambda: answers(port), "readiness")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_S) == 0
    assert not answers(port)
    assert events(tmp_path).count("ready") == 1
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_busy_port_is_told_in_a_line_with_a_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = failing(tmp_path, port=port)
    assert code == 1
    assert f"port {port} on 127.0.0.1 is in use" in said
    assert "--port" in said
    assert "Traceback" not in said


def test_an_address_of_another_machine_is_told(tmp_path):
    env = {"MCP_SERVER_HOST": "192.0.2.1", "SAGE_TOKEN": "t0ken" * 10}
    code, said = failing(tmp_path, port=free_port(), **env)
    assert code == 1
    assert "no such address" in said
    assert "MCP_SERVER_HOST" in said
    assert "Traceback" not in said


def test_a_bind_open_to_others_without_a_token_is_refused(tmp_path):
    code, said = failing(tmp_path, port=free_port(), MCP_SERVER_HOST="0.0.0.0")
    assert code == 78
    assert "SAGE_TOKEN" in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_failure_to_start_ends_the_process_without_a_traceback(tmp_path, workers):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "postgres").write_text("no folder")
    code, said = failing(tmp_path, "--workers", workers, port=free_port())
    assert code == 1
    assert "Traceback" not in said
    assert "postgres" in said
    assert "ready" not in events(tmp_path)


FROZEN = """
import gc, pathlib, sys
from sage.config.server_settings import ServerSettings
from sage.config.settings import Settings
from sage.api.server.uvicorn_server import serve_application

async def tell(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(gc.get_freeze_count()).encode()})

server = ServerSettings(port=int(sys.argv[1]))
serve_application(lambda: tell, Settings(data_dir=pathlib.Path.cwd(), server=server))
"""


def test_no_call_waits_while_all_that_lives_is_searched_for_garbage(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", FROZEN, str(port)], env=environment(tmp_path, port), cwd=tmp_path
    )
    try:
        wait_until(lambda: answers(port, "/"), "an answer")
        assert int(plain_http.get(f"http://127.0.0.1:{port}/").text) > 10_000
    finally:
        process.kill()
        process.wait()


STUCK = """
import asyncio, pathlib, sys, threading
from sage.config.server_settings import ServerSettings
from sage.config.settings import Settings
from sage.api.server.uvicorn_server import serve_application

async def stick(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
    threading.Thread(target=threading.Event().wait).start()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})

def build():
    return stick

if __name__ == "__main__":
    server = ServerSettings(port=int(sys.argv[1]))
    settings = Settings(data_dir=pathlib.Path.cwd(), server=server)
    serve_application(build, settings, int(sys.argv[2]))
    pathlib.Path("closed").touch()
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stop_takes_at_most_ten_seconds_whatever_threads_do(tmp_path, workers):
    port = free_port()
    (tmp_path / "stuck.py").write_text(STUCK)
    command = [sys.executable, "stuck.py", str(port), str(workers)]
    process = subprocess.Popen(command, env=environment(tmp_path, port), cwd=tmp_path)
    try:
        wait_until(lambda: answers(port, "/"), "an answer")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert (tmp_path / "closed").exists()
    finally:
        process.kill()
        process.wait()


CLOSING = """
import asyncio, pathlib, sys
from sage.config.server_settings import ServerSettings
from sage.config.settings import Settings
from sage.api.server.uvicorn_server import serve_application

async def close_slowly(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        pathlib.Path("closing").touch()
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})

server = ServerSettings(port=int(sys.argv[1]))
serve_application(lambda: close_slowly, Settings(data_dir=pathlib.Path.cwd(), server=server))
pathlib.Path("closed").touch()
"""


def test_a_second_interrupt_ends_a_server_that_waits_for_its_workers(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", CLOSING, str(port)], env=environment(tmp_path, port), cwd=tmp_path
    )
    try:
        wait_until(lambda: answers(port, "/"), "an answer")
        process.send_signal(signal.SIGINT)
        wait_until((tmp_path / "closing").exists, "the end of the application")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0  # of the nine seconds after which any server ends
        assert (tmp_path / "closed").exists()
    finally:
        process.kill()
        process.wait()

"""A server that starts: its port is refused until the application has started."""

import json
import socket
import subprocess
import sys

import pytest

from tests.support.ports import free_port
from tests.support.process import answers, environment
from tests.support.serving import DEADLINE_S, wait_until

STARTING = """
import asyncio, pathlib, sys
from sage.config.server_settings import ServerSettings
from sage.config.settings import Settings
from sage.api.server.uvicorn_server import serve_application

async def start_when_allowed(scope, receive, send):
    if scope["type"] == "lifespan":
        pathlib.Path("starting").touch()
        while not pathlib.Path("allowed").exists():
            await asyncio.sleep(0.01)
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})

server = ServerSettings(port=int(sys.argv[1]))
serve_application(lambda: start_when_allowed, Settings(data_dir=pathlib.Path.cwd(), server=server))
"""


@pytest.fixture
def starting(tmp_path):
    """Start a server that has bound its port, and starts on when `allowed` is there."""
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", STARTING, str(port)],
            env=environment(tmp_path, port),
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until((tmp_path / "starting").exists, "the start")
        yield process, port
    finally:
        process.kill()
        process.wait()


def test_connections_are_refused_until_the_application_has_started(starting, tmp_path):
    _, port = starting
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S)
    (tmp_path / "allowed").touch()
    wait_until(lambda: answers(port, "/"), "an answer")


def test_a_port_that_another_server_takes_during_the_start_is_told(starting, tmp_path):
    process, port = starting
    with socket.create_server(("127.0.0.1", port)):
        (tmp_path / "allowed").touch()
        assert process.wait(DEADLINE_S) != 0
    said = (tmp_path / "log").read_text()
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert events[-1]["event"] == "not_started"
    assert "another server listens on the port" in events[-1]["reason"]

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sage.domain.answer_json import to_json
from sage.domain.health import Readiness, ReadinessState
from sage.local.http_probe import ask
from sage.phrases import as_json, phrase


class Answers(BaseHTTPRequestHandler):
    """Answers each path as the test says, 404 otherwise."""

    def do_GET(self):
        status, body = self.server.answers.get(self.path, (404, b""))
        self.server.hosts.append(self.headers["Host"])
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        return


@contextmanager
def answering(answers):
    server = HTTPServer(("127.0.0.1", 0), Answers)
    server.answers, server.hosts = answers, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("argv", "path"), [((), "/health/liveness"), (("--readiness",), "/health/readiness")]
)
def test_a_server_that_is_well_is_asked_and_nothing_is_said(sage, monkeypatch, argv, path):
    with answering({path: (200, b"{}")}) as server:
        monkeypatch.setenv("MCP_SERVER_PORT", str(server.server_port))
        monkeypatch.setenv("MCP_SERVER_HOST", "0.0.0.0")
        outcome = sage("healthcheck", *argv)
        assert server.hosts == [f"127.0.0.1:{server.server_port}"]
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            json.dumps({"ready": False, "reason": "the database is away"}).encode(),
            "the database is away",
        ),
        (json.dumps({"detail": "a\x1b[2J"}).encode(), "a"),
        (b"[]", "no reason given"),
        (b"\xff\x00", "no reason given"),
        (b"", "no reason given"),
    ],
)
def test_a_server_that_is_not_ready_says_why_in_one_line(sage, monkeypatch, body, reason):
    with answering({"/health/readiness": (503, body)}) as server:
        monkeypatch.setenv("MCP_SERVER_PORT", str(server.server_port))
        outcome = sage("healthcheck", "--readiness")
    assert outcome.code == 1
    assert len(outcome.err.splitlines()) == 1
    assert "responded with 503" in outcome.err
    assert reason in outcome.err
    assert "\x1b" not in outcome.err


def test_why_a_server_is_not_ready_is_the_phrase_that_it_made():
    reason = phrase("the disk has {size} left", size="1 MiB")
    told = to_json(Readiness(False, reason, ReadinessState.WAITING, hint="free some"))  # noqa: FBT003
    with answering({"/health/readiness": (503, json.dumps(told).encode())}) as server:
        failure = ask("127.0.0.1", str(server.server_port), "/health/readiness")
    assert (failure.reason, failure.hint) == (reason, "free some")
    assert as_json(failure.reason) == as_json(reason)


@pytest.mark.parametrize("port", ["none", "-1", "99999", ""])
def test_no_server_is_one_line_whatever_the_port_says(sage, monkeypatch, free_port, port):
    monkeypatch.setenv("MCP_SERVER_PORT", port or str(free_port))
    outcome = sage("healthcheck")
    assert outcome.code == 1
    assert outcome.err.startswith("sage: no answer from http://127.0.0.1:")
    assert len(outcome.err.splitlines()) == 1


def test_the_address_is_read_as_the_server_reads_it(sage, monkeypatch, tmp_path):
    data = tmp_path / "data"
    data.mkdir()

    def asked(*options):
        (address,) = re.findall(r"http://(\S+)/health", sage("healthcheck", *options).err)
        return address

    # A Sage may run on this machine: it listens on 127.0.0.1.
    monkeypatch.setenv("MCP_SERVER_HOST", "127.0.0.9")
    assert asked() == "127.0.0.9:17800"
    monkeypatch.delenv("MCP_SERVER_HOST")
    (data / "sage.toml").write_text("[server]\nport = 1001\n")
    assert asked("--data-dir", data) == "127.0.0.1:1001"
    (data / ".env").write_text("MCP_SERVER_PORT=1002\nnonsense\n")
    assert asked("--data-dir", data) == "127.0.0.1:1002"
    (tmp_path / "port").write_text("1003\n")
    (tmp_path / "my.env").write_text("MCP_SERVER_PORT_FILE=port\n")
    assert asked("--data-dir", data, "--env-file", tmp_path / "my.env") == "127.0.0.1:1003"
    monkeypatch.setenv("MCP_SERVER_PORT", "1004")
    monkeypatch.setenv("MCP_SERVER_HOST", "::")
    assert asked("--data-dir", data) == "[::1]:1004"


def test_a_probe_loads_no_more_than_it_needs(launch):
    script = "import sys; sys.argv[1:] = ['healthcheck']; from sage.cli.main import main; main()"
    script += "; print(*{'pydantic', 'asyncpg', 'numpy', 'sage.bootstrap'} & {*sys.modules})"
    out, _ = launch(interpreted=script).communicate(timeout=60)
    assert out.split() == []

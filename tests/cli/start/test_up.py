"""Starting Sage in earnest: embedded database, real port."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager

import psutil
import pytest

from sage.cli.main import main
from sage.store.migrate import newest_version
from tests.architecture.sources import INSTALLED
from tests.support import plain_http
from tests.support.forked import run_verb, start_sage
from tests.support.polling import wait_for
from tests.support.ports import free_port
from tests.support.process import answers

DEADLINE_S = 60


@pytest.fixture
def port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.fixture
def launch(tmp_path, port):
    """Run a verb on a data folder of its own; whatever still runs after the test is stopped."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(INSTALLED),
        "NO_COLOR": "1",
    }

    def run(*args, **variables):
        words = [*map(str, args), "--data-dir", str(tmp_path / "data")]
        return run_verb(words, cwd=tmp_path, env=environ | variables)

    def begin(*args, **variables):
        return subprocess.Popen(
            [sys.executable, "-m", "sage", *map(str, args), "--data-dir", str(tmp_path / "data")],
            cwd=tmp_path, env=environ | variables, text=True, stdout=subprocess.PIPE,
        )  # fmt: skip

    run.port, run.environ, run.begin = port, environ, begin
    yield run
    assert run("down").returncode == 0


def is_ready(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/readiness") as answer:
        return answer.status == 200


@pytest.fixture
def serve(launch, tmp_path):
    """Run `sage serve` until it is told to end, by fork where that can be."""

    @contextmanager
    def run(*args, **variables):
        with (tmp_path / "serve.log").open("wb") as log:
            sage = start_sage(
                ["serve", *map(str, args), "--data-dir", str(tmp_path / "data")],
                cwd=tmp_path,
                env=launch.environ | variables,
                output=log,
            )
        try:
            yield sage
            sage.wait(DEADLINE_S)
        finally:
            if sage.poll() is None:
                sage.kill()
                sage.wait()

    return run


def await_port(port):
    """Wait until a Sage on that port is ready."""
    wait_for(lambda: answers(port), DEADLINE_S)


def processes_on(data_dir):
    """Return the processes that name a data directory in their command."""
    named = psutil.process_iter(["cmdline"])
    return [one for one in named if str(data_dir) in (one.info["cmdline"] or ())]


def test_a_start_whose_record_cannot_be_written_leaves_no_server_behind(
    tmp_path, port, monkeypatch, capfd
):
    def no_room(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name, told in (("link", "sage.address"), ("full", "No space left on device")):
        data_dir = tmp_path / name
        data_dir.mkdir(mode=0o700)
        if name == "link":
            (data_dir / "sage.address").symlink_to(tmp_path / "elsewhere")
        else:
            monkeypatch.setattr("sage.local.data_dir.instance.os.pwrite", no_room)
        try:
            code = main(["up", "--detach", "--port", str(port), "--data-dir", str(data_dir)])
            assert (code, told in capfd.readouterr().err) == (1, True), name
            assert not processes_on(data_dir), name
        finally:
            for left in processes_on(data_dir):
                left.kill()


def test_sage_starts_once_however_often_it_is_asked(launch):
    first = launch("up", "--embedded", "--detach", "--port", launch.port)
    assert first.returncode == 0, first.stderr
    assert f"http://127.0.0.1:{launch.port}/mcp" in first.stdout
    assert "\x1b" not in first.stdout
    assert is_ready(launch.port)
    status = launch("status")
    assert status.returncode == 0
    again = launch("up", "--detach")
    assert again.returncode == 0
    assert launch("status").stdout == status.stdout
    assert '"listening"' in launch("logs").stdout
    assert launch("down").returncode == 0
    assert launch("status").returncode == 1


def test_who_can_reach_sage_is_reported_with_how_to_ask_for_a_token(launch, tmp_path):
    open_to_one = launch("up", "--detach", "--port", launch.port)
    assert "your account and root; to require a token" in open_to_one.stdout
    pages = f"http://127.0.0.1:{launch.port}/"
    assert launch("console", "--print").stdout == f"{pages}\n"
    assert plain_http.get(pages).status_code == 200
    assert f"set SAGE_TOKEN in {tmp_path}/data/.env and restart" in " ".join(
        open_to_one.stdout.split()
    )
    assert launch("down").returncode == 0
    assert "sage up" in launch("console", "--print").stderr
    (tmp_path / "data/.env").write_text(f"SAGE_TOKEN={'t' * 40}\n")
    closed = launch("up", "--detach", "--port", launch.port)
    assert "clients must send SAGE_TOKEN as a bearer token" in closed.stdout
    assert "your account" not in closed.stdout
    link = launch("console", "--print").stdout.strip()
    assert plain_http.get(pages).status_code == 401
    signed_in = plain_http.get(link)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/")
    cookie = signed_in.headers["set-cookie"].partition(";")[0]
    assert plain_http.get(pages, headers={"cookie": cookie}).status_code == 200


def test_the_link_signs_in_where_only_the_server_knows_the_token(launch):
    started = launch("up", "--detach", "--port", launch.port, SAGE_TOKEN="t" * 40)
    assert started.returncode == 0, started.stderr
    link = launch("console", "--print").stdout.strip()
    assert plain_http.get(link).status_code == 303
    assert plain_http.get(link).status_code == 401


def test_serve_claims_the_data_directory_of_the_embedded_database(launch, serve):
    with serve("--port", launch.port) as sage:
        await_port(launch.port)
        assert f"(pid {sage.pid})" in launch("status").stdout
        assert launch("up", "--detach").returncode == 0
        refused = launch("serve", "--port", launch.port - 1)
        assert refused.returncode == 1
        message = f"Sage is already running on this data directory (port {launch.port})"
        assert message in refused.stderr
        assert "sage down --data-dir " in refused.stderr
        assert launch("down").stdout == "Sage has stopped\n"
    assert sage.returncode == 0


def test_servers_of_one_database_claim_no_data_directory(launch, serve, postgres_dsn):
    with serve("--port", launch.port, DATABASE_URL=postgres_dsn) as one:
        await_port(launch.port)
        assert launch("status").returncode == 1
        port = free_port()
        with serve("--port", port, DATABASE_URL=postgres_dsn) as two:
            await_port(port)
            two.send_signal(signal.SIGTERM)
        one.send_signal(signal.SIGTERM)
    assert (one.returncode, two.returncode) == (0, 0)


def test_beside_a_sage_that_was_started_by_up_nothing_else_starts(launch):
    """Warnings of that start are told where it was asked for."""
    start = launch("up", "--detach", "--port", launch.port, MCP_HOST="127.0.0.1")
    assert start.returncode == 0, start.stderr
    assert start.stderr.count("MCP_HOST is the former name of MCP_SERVER_HOST") == 1
    assert launch("logs").stdout.count("former name of MCP_SERVER_HOST") == 1

    at_another_port = ("up", "--detach", "--port", launch.port - 1)
    for arguments in (("serve", "--workers", 1), ("serve", "--workers", 2), at_another_port):
        refused = launch(*arguments)
        assert refused.returncode == 1, arguments
        message = f"already running on this data directory (port {launch.port})"
        assert message in refused.stderr, arguments

    database = "postgresql://sage:canary@127.0.0.1:1/other"
    refused = launch("up", "--detach", "--port", launch.port, DATABASE_URL=database)
    assert refused.returncode == 1
    assert f"(port {launch.port})" in refused.stderr
    assert "it uses the embedded database" in refused.stderr
    assert "127.0.0.1:1" in refused.stderr
    assert "canary" not in refused.stderr
    assert is_ready(launch.port)


def test_sage_starts_again_on_the_same_port_after_it_was_killed(launch, tmp_path):
    assert launch("up", "--detach", "--port", launch.port).returncode == 0
    killed = psutil.Process(int((tmp_path / "data" / "sage.pid").read_text()))
    killed.kill()
    psutil.wait_procs([killed], timeout=20)  # it holds its lock until it is gone
    again = launch("up", "--detach")
    assert again.returncode == 0, again.stderr
    assert f"on port {launch.port}, as before" in again.stderr
    assert is_ready(launch.port)


def test_a_sage_that_was_moved_is_restarted_with_what_was_said_meanwhile(launch, tmp_path):
    before, after = tmp_path / "my code", tmp_path / "my other code"
    shutil.copytree(INSTALLED / "sage", before / "sage")
    up = ("up", "--detach", "--port", launch.port)
    assert launch(*up, PYTHONPATH=str(before)).returncode == 0
    before.rename(after)
    said = [{"id": "1", "role": "user", "text": "The printer is called Konrad."}]
    event = json.dumps({"session_id": "s", "messages": said})
    hook = [tmp_path / "data/bin/sage-hook", "stop", "--client", "opencode"]
    told = subprocess.run(hook, input=event, capture_output=True, text=True, check=True)
    assert (told.stdout, told.stderr) == ("done\n", "")
    again = launch(*up, PYTHONPATH=str(after))
    assert again.returncode == 0, again.stderr
    assert "so Sage was moved: restarting it" in again.stderr
    session = f"http://127.0.0.1:{launch.port}/api/v1/sessions/opencode:s"
    wait_for(lambda: "Konrad" in plain_http.get(session).text, DEADLINE_S)
    assert "already running" in launch(*up, PYTHONPATH=str(after)).stderr
    assert launch("down", PYTHONPATH=str(after)).returncode == 0


def test_another_release_that_runs_is_told_and_with_detach_replaced(launch, tmp_path):
    earlier, data = tmp_path / "earlier", tmp_path / "data"
    shutil.copytree(INSTALLED / "sage", earlier / "sage")
    with (earlier / "sage/__init__.py").open("a") as code:
        code.write("# as it was\n")
    assert launch("up", "--detach", "--port", launch.port, PYTHONPATH=str(earlier)).returncode == 0
    before = int((data / "sage.pid").read_text())
    refused = launch("up")
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()
    assert f"another release of Sage is running (pid {before})" in message
    assert f"up --detach --data-dir {data}` stops it and starts this one" in fix

    address = data / "sage.address"
    recorded = address.read_text()
    address.write_text(recorded.replace(f" {newest_version()} ", f" {newest_version() + 1} "))
    refused = launch("up", "--detach")
    assert refused.returncode == 1
    assert f"a newer release of Sage is running (pid {before})" in refused.stderr
    address.write_text("".join(recorded.splitlines(keepends=True)[:3]))  # by releases until 0.1
    assert is_ready(launch.port)

    replaced = launch("up", "--detach")
    assert replaced.returncode == 0, replaced.stderr
    assert "another release of Sage is running" in replaced.stderr
    assert "already running" not in replaced.stderr
    assert f"on port {launch.port}, as before" in replaced.stderr
    assert int((data / "sage.pid").read_text()) != before
    assert "already running" in launch("up").stderr


def test_in_the_foreground_sage_reports_and_stops_at_ctrl_c(launch, tmp_path):
    with launch.begin("up", "--port", launch.port) as sage:
        assert any("MCP URL" in line for line in sage.stdout)
        assert is_ready(launch.port)
        assert launch("status").returncode == 0
        again = launch("up")
        assert re.search(rf"^ *log +the terminal of pid {sage.pid}$", again.stdout, re.MULTILINE)
        connect = f" connect --data-dir {tmp_path / 'data'} "
        assert connect in " ".join(again.stdout.split())
        assert "the terminal it was started in" in launch("logs").stderr
        sage.send_signal(signal.SIGINT)
    assert sage.returncode == 0


def test_a_busy_port_is_told_in_a_line_with_a_free_one(launch, tmp_path):
    with socket.create_server(("127.0.0.1", launch.port)):
        refused = launch("up", "--detach", "--port", launch.port)
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()
    assert f"port {launch.port} on 127.0.0.1 is in use" in message
    assert re.search(r"such as \d+, with --port", fix)
    assert not (tmp_path / "data").exists()


def test_a_data_directory_that_cannot_be_made_is_told_in_a_line(launch, tmp_path):
    (tmp_path / "data").write_text("in the way")
    refused = launch("up", "--detach", "--port", launch.port)
    assert refused.returncode == 1
    message, fix = refused.stderr.splitlines()
    assert "is a file" in message
    assert "--data-dir" in fix


def test_every_problem_of_the_configuration_is_told(launch):
    refused = launch("up", "--detach", EMBEDDING_PROVIDER="nobody", SAGE_MAX_RESULTS="many")
    assert refused.returncode == 78
    assert "EMBEDDING_PROVIDER" in refused.stderr
    assert "SAGE_MAX_RESULTS" in refused.stderr


def test_another_database_and_embedded_do_not_go_together(launch):
    refused = launch("up", "--embedded", DATABASE_URL="postgresql://sage@127.0.0.1:1/sage")
    assert refused.returncode == 1
    assert "--embedded" in refused.stderr


def test_a_damaged_version_file_is_not_taken_for_a_release(launch, tmp_path):
    old = tmp_path / "data" / "postgres"
    old.mkdir(parents=True, mode=0o700)
    (old / "PG_VERSION").write_text("x\n")
    refused = launch("serve", "--port", launch.port)
    assert refused.returncode == 1
    assert "restore the data directory from a backup" in refused.stderr
    assert "PostgreSQL x" not in refused.stderr


def test_a_sage_that_ends_before_it_is_ready_shows_its_last_words(launch, tmp_path):
    old = tmp_path / "data" / "postgres"
    old.mkdir(parents=True, mode=0o700)
    (old / "PG_VERSION").write_text("9\n")
    began = time.monotonic()
    refused = launch("up", "--detach", "--port", launch.port)
    assert refused.returncode == 1
    assert "exited before it was ready" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert time.monotonic() - began < DEADLINE_S

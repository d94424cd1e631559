import asyncio
import os
import re
import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sage.api.server.listeners import unix_listener
from sage.config.container import Container
from sage.domain.health import Status
from sage.local.data_dir.instance import Instance, RunningInstance
from sage.operations.checks.checklist import CheckPhase
from sage.operations.checks.context import CheckContext
from sage.operations.checks.network import own_socket
from tests.operations.checks.conftest import OUTSIDE
from tests.support.accounts import ordinary_user
from tests.support.serving import settings_for

INSIDE = Container(detected=True, runtime="docker", evidence=("/.dockerenv exists",))
BEFORE_A_START = (CheckPhase.CONFIG, CheckPhase.UP)


@contextmanager
def answering():
    """Answer every request with 200 on a port of loopback."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            return

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sage_that_answers():
    with answering() as port:
        yield port


@pytest.mark.parametrize("occasion", BEFORE_A_START)
def test_a_taken_port_is_a_problem_with_a_port_that_is_free(wrong, listener, occasion):
    (result,) = wrong({"MCP_SERVER_PORT": str(listener)}, occasion=occasion)
    assert result.variable == "MCP_SERVER_PORT"
    assert str(listener) in result.detail
    another = int(re.search(r"such as (\d+),", result.hint)[1])
    with socket.create_server(("127.0.0.1", another)):
        assert another > listener


def test_a_sage_with_other_data_is_not_taken_for_this_one(found, folder, sage_that_answers):
    environ = {"MCP_SERVER_PORT": str(sage_that_answers)}
    refused = found(environ)["port"]
    assert refused.status is Status.DEGRADED
    assert "another data directory" in refused.detail
    assert int(re.search(r"such as (\d+),", refused.hint)[1]) > sage_that_answers
    instance = Instance(folder)
    with instance.claim() as lock:
        instance.record(lock, RunningInstance(os.getpid(), "127.0.0.1", sage_that_answers))
        assert "the Sage of this data directory is running" in found(environ)["port"].detail
    assert found(environ)["port"].detail == refused.detail


def test_a_sage_that_runs_and_cannot_be_reached_by_its_socket_is_told(tmp_path):
    subject = CheckContext(settings=settings_for(None, tmp_path), container=OUTSIDE)
    server = subject.settings.server
    assert asyncio.run(own_socket(subject)) is None
    with Instance(tmp_path).claim() as lock:
        Instance(tmp_path).record(lock, RunningInstance(os.getpid(), server.host, server.port))
        told = asyncio.run(own_socket(subject))
        assert (told.status, bool(told.hint)) == (Status.DEGRADED, True)
        with unix_listener(tmp_path):
            assert asyncio.run(own_socket(subject)).status is Status.HEALTHY


def test_a_sage_with_the_same_server_for_a_database_may_be_this_one(found, sage_that_answers):
    place = {"DATABASE_URL": f"postgresql://127.0.0.1:{sage_that_answers}/sage"}
    result = found(place | {"MCP_SERVER_PORT": str(sage_that_answers)})["port"]
    assert (result.status, result.hint) == (Status.HEALTHY, "")
    assert "possibly with other data" in result.detail


def test_a_port_whose_last_connection_just_ended_is_free(wrong):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()
            assert client.recv(1) == b""
    assert not wrong({"MCP_SERVER_PORT": str(port)})


@pytest.mark.parametrize("host", ["192.0.2.1", "name.invalid"])
def test_an_address_of_another_machine_cannot_be_listened_on(wrong, host):
    (result,) = wrong({"MCP_SERVER_HOST": host, "SAGE_TOKEN": "t" * 32}, occasion=CheckPhase.UP)
    assert result.variable == "MCP_SERVER_HOST"
    assert host in result.detail


def test_a_port_for_root_is_a_problem_that_names_the_ports_for_users(wrong):
    wrong(occasion=CheckPhase.UP)  # loads what only root may read where this Python is root's own
    with ordinary_user():
        with socket.socket() as attempt, suppress(PermissionError):
            attempt.bind(("127.0.0.1", 1))
            pytest.skip("the kernel lets every user open every port")
        results = wrong({"MCP_SERVER_PORT": "1"}, occasion=CheckPhase.UP)
    (result,) = results
    assert "above 1023" in result.hint


def test_loopback_inside_a_container_is_a_warning(wrong):
    (result,) = wrong(container=INSIDE)
    assert result.status == "degraded"
    assert "0.0.0.0" in result.hint
    assert not wrong({"MCP_SERVER_HOST": "0.0.0.0", "SAGE_TOKEN": "t" * 32}, container=INSIDE)


@pytest.mark.parametrize("occasion", BEFORE_A_START)
def test_a_database_that_is_not_there_is_a_problem_without_its_password(wrong, free_port, occasion):
    environ = {"DATABASE_URL": f"postgresql://u:canary@127.0.0.1:{free_port}/n"}
    (result,) = wrong(environ, occasion=occasion)
    assert f"127.0.0.1:{free_port}" in result.detail
    assert "refused" in result.detail
    assert "canary" not in str(result)
    assert "container" not in result.hint


def test_localhost_inside_a_container_is_explained(found, free_port):
    environ = {"DATABASE_URL": f"postgresql://u:p@localhost:{free_port}/n"}
    assert "localhost is the container itself" in found(environ, container=INSIDE)["database"].hint


def test_an_unknown_name_of_a_database_is_a_problem(wrong):
    (result,) = wrong({"DATABASE_URL": "postgresql://u:p@name.invalid/n"})
    assert "name.invalid" in result.detail


def test_one_server_that_answers_is_enough_and_the_others_are_named(found, listener):
    environ = {"DATABASE_URL": f"postgresql://u:p@name.invalid,127.0.0.1:{listener}/n"}
    results = found(environ)
    assert results["database"].status == "healthy"
    assert results["hosts"].status == "degraded"
    assert results["hosts"].detail.startswith("1 of 2 cannot be used")
    assert "name.invalid" in results["hosts"].detail


def test_several_servers_that_answer_are_counted(found, listener):
    environ = {"DATABASE_URL": f"postgresql://u:p@127.0.0.1:{listener},localhost:{listener}/n"}
    assert found(environ)["hosts"].detail == "all 2 answer"
    assert "hosts" not in found({"DATABASE_URL": f"postgresql://u:p@127.0.0.1:{listener}/n"})


def test_the_socket_of_a_database_is_looked_for(wrong, folder):
    environ = {"DATABASE_URL": f"postgresql:///n?host={folder}&port=5433"}
    (result,) = wrong(environ)
    assert str(folder) in result.detail
    (folder / ".s.PGSQL.5433").touch()
    assert not wrong(environ)


@pytest.mark.parametrize("occasion", [*BEFORE_A_START, CheckPhase.CONTAINER])
def test_no_database_at_all_is_a_problem(found, monkeypatch, occasion):
    monkeypatch.setattr("sage.local.postgres.binaries.find_spec", lambda _name: None)
    result = found(occasion=occasion)["database"]
    assert result.status == "unhealthy"
    assert "DATABASE_URL" in result.hint


def test_a_taken_port_for_metrics_is_told_with_its_own_variable(wrong, found, listener):
    (result,) = wrong({"SAGE_METRICS_PORT": str(listener)}, occasion=CheckPhase.UP)
    assert result.variable == "SAGE_METRICS_PORT"
    assert "--port" not in result.hint
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    assert "is free" in found({"SAGE_METRICS_PORT": str(free)})["metrics port"].detail


def test_the_port_for_metrics_of_a_sage_in_a_container_is_taken_by_that_sage(
    found, sage_that_answers, listener
):
    database = f"postgresql://u:p@127.0.0.1:{listener}/n"
    with answering() as metrics_port:
        environ = {
            "DATABASE_URL": database,
            "MCP_SERVER_PORT": str(sage_that_answers),
            "SAGE_METRICS_PORT": str(metrics_port),
        }
        result = found(environ, occasion=CheckPhase.UP)["metrics port"]
    assert (result.status, result.detail) == ("healthy", "is used by the running Sage")

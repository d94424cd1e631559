import os
import shutil
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from sage.config.preflight import MIN_FREE_BYTES, check_reality
from sage.config.runtime import Container

OUTSIDE = Container(detected=False)
INSIDE = Container(detected=True, runtime="docker", evidence=("/.dockerenv exists",))


@pytest.fixture
def listener():
    """Listen on a port of loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free_port():
    """Name a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture
def found(settings_of, folder, free_port):
    """Check this machine against given variables and give the problems."""

    def problems(environ=None, *, container=OUTSIDE, **rest):
        environ = {"SAGE_DATA_DIR": str(folder), "MCP_SERVER_PORT": str(free_port)} | (
            environ or {}
        )
        return check_reality(settings_of(environ), container=container, **rest)

    return problems


def test_a_machine_that_is_as_it_should_be_has_no_problem_and_no_traces(found, folder):
    assert not found()
    assert not found({"SAGE_DATA_DIR": str(folder / "a/b/c")})
    assert not list(folder.iterdir())


def test_a_data_folder_that_is_a_file_is_a_problem(found, folder):
    (folder / "file").touch()
    for place in ("file", "file/below"):
        (problem,) = found({"SAGE_DATA_DIR": place})
        assert problem.variable == "SAGE_DATA_DIR"
        assert "is a file" in problem.message


def test_a_data_folder_with_an_impossible_name_is_a_problem(found):
    (problem,) = found({"SAGE_DATA_DIR": "x" * 300})
    assert "too long" in problem.message


@pytest.mark.parametrize("place", ["", "new", "new/deep"])
def test_a_data_folder_that_cannot_be_written_to_is_a_problem(found, folder, place):
    closed = folder / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        closed = Path("/proc")
    (problem,) = found({"SAGE_DATA_DIR": str(closed / place)})
    assert problem.variable == "SAGE_DATA_DIR"


def test_a_full_disk_is_a_problem(found, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=MIN_FREE_BYTES - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
    (problem,) = found()
    assert "255 MiB are free" in problem.message


def test_the_data_folder_does_not_matter_with_a_database_elsewhere(found, folder, listener):
    (folder / "file").touch()
    database = f"postgresql://u:p@127.0.0.1:{listener}/n"
    assert not found({"SAGE_DATA_DIR": "file", "DATABASE_URL": database})


def test_a_taken_port_is_a_problem_only_for_who_wants_it(found, listener):
    environ = {"MCP_SERVER_PORT": str(listener)}
    (problem,) = found(environ)
    assert problem.variable == "MCP_SERVER_PORT"
    assert str(listener) in problem.message
    assert not found(environ, listens=False)


def test_a_port_whose_last_connection_just_ended_is_free(found):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            server.accept()[0].close()
            assert client.recv(1) == b""
    assert not found({"MCP_SERVER_PORT": str(port)})


@pytest.mark.parametrize("host", ["192.0.2.1", "name.invalid"])
def test_an_address_of_another_machine_cannot_be_listened_on(found, host):
    (problem,) = found({"MCP_SERVER_HOST": host, "SAGE_TOKEN": "t" * 32})
    assert problem.variable == "MCP_SERVER_HOST"
    assert host in problem.message


def test_a_port_for_root_is_a_problem(found):
    with socket.socket() as attempt, suppress(PermissionError):
        attempt.bind(("127.0.0.1", 1))
        pytest.skip("an ordinary user is missing: this one may open every port")
    (problem,) = found({"MCP_SERVER_PORT": "1"})
    assert "1023" in problem.hint


def test_loopback_inside_a_container_is_a_warning(found):
    (problem,) = found(container=INSIDE)
    assert problem.warning
    assert "0.0.0.0" in problem.hint
    assert not found({"MCP_SERVER_HOST": "0.0.0.0", "SAGE_TOKEN": "t" * 32}, container=INSIDE)


def test_the_machine_is_looked_at_when_nothing_is_said_of_it(settings_of, folder):
    settings = settings_of({"SAGE_DATA_DIR": str(folder)})
    assert check_reality(settings, listens=False) == []


def test_a_database_that_is_not_there_is_a_problem_without_its_password(found, free_port):
    environ = {"DATABASE_URL": f"postgresql://u:canary@127.0.0.1:{free_port}/n"}
    (problem,) = found(environ, listens=False)
    assert f"127.0.0.1:{free_port}" in problem.message
    assert "refused" in problem.message
    assert "canary" not in str(problem)
    assert "container" not in problem.hint


def test_localhost_inside_a_container_is_explained(found, free_port):
    environ = {"DATABASE_URL": f"postgresql://u:p@localhost:{free_port}/n"}
    (problem,) = found(environ, container=INSIDE, listens=False)
    assert "localhost is the container itself" in problem.hint


def test_an_unknown_name_of_a_database_is_a_problem(found):
    (problem,) = found({"DATABASE_URL": "postgresql://u:p@name.invalid/n"}, listens=False)
    assert "name.invalid" in problem.message


def test_one_server_that_answers_is_enough(found, listener):
    database = f"postgresql://u:p@name.invalid,127.0.0.1:{listener}/n"
    assert not found({"DATABASE_URL": database}, listens=False)


def test_the_socket_of_a_database_is_looked_for(found, folder):
    environ = {"DATABASE_URL": f"postgresql:///n?host={folder}&port=5433"}
    (problem,) = found(environ, listens=False)
    assert str(folder) in problem.message
    (folder / ".s.PGSQL.5433").touch()
    assert not found(environ, listens=False)

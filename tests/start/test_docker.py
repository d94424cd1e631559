"""`--docker` where something is missing: one line, one fix, exit 1, and nothing begun."""

from __future__ import annotations

import socket
from shlex import quote

import pytest

from tests.start.conftest import SCRIPT

BUILDS = "#!/bin/sh\nexit 0\n"


def told(refused, code=1):
    """Give the last two lines: what is wrong, and what mends it."""
    assert refused.returncode == code, refused.stderr
    assert "unbound variable" not in refused.stderr
    message, fix = refused.stderr.splitlines()[-2:]
    assert message.startswith("start-sage-mcp.sh: ")
    assert fix.startswith("  fix: ")
    return message, fix


@pytest.mark.parametrize("work", ["--detach", "--status", "--stop", "--logs"])
def test_a_machine_without_docker_is_told_where_to_get_it(machine, work):
    message, fix = told(machine("--docker", work))
    assert "Docker is not installed" in message
    assert "https://docs.docker.com/engine/install" in fix


@pytest.mark.parametrize(
    ("variables", "message", "fix"),
    [
        (
            {"FAKE_INFO": "engine=\nCannot connect"},
            "no Docker engine is running",
            "systemctl start",
        ),
        ({"FAKE_INFO": "permission denied while trying"}, "may not talk", "usermod -aG docker"),
        ({"FAKE_INFO": "engine=24.0.7 2 /x"}, "version 24.0.7, and Sage needs 25", "up to date"),
        ({"FAKE_COMPOSE_CODE": "1"}, "Docker Compose is not installed", "compose/install"),
        ({"FAKE_COMPOSE": "v2.17.3"}, "version 2.17.3, and Sage needs 2.21", "up to date"),
        ({"FAKE_ENDPOINT": "ssh://far"}, "on another machine (ssh://far)", "start Sage there"),
        ({"FAKE_ENDPOINT": "tcp://10.0.0.7:2375"}, "on another machine", "start Sage there"),
        ({"FAKE_BUILDX_CODE": "1"}, "buildx is not installed", "docker-buildx"),
        (
            {"FAKE_VOLUME": "yes", "FAKE_IMAGES": "yes"},
            "its password",
            "copy the directory secrets",
        ),
        ({"FAKE_CONTAINER": "c1", "FAKE_FOLDER": "/"}, "the copy of Sage in /", "COMPOSE_PROJECT"),
    ],
)
def test_what_docker_lacks_is_told_with_its_fix(docker_machine, variables, message, fix):
    docker_machine.program("build", BUILDS, docker_machine.images)
    said = told(docker_machine("--docker", **variables))
    assert message in said[0]
    assert fix in said[1]
    assert not (docker_machine.checkout / "secrets").exists()


@pytest.mark.parametrize("endpoint", ["tcp://127.0.0.1:2375", "tcp://localhost:2375", ""])
def test_an_engine_reached_over_loopback_is_on_this_machine(docker_machine, endpoint):
    message, _ = told(docker_machine("--docker", FAKE_ENDPOINT=endpoint))
    assert "can neither be pulled nor made here" in message


def test_a_taken_port_is_told_with_a_free_one(docker_machine):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        message, fix = told(docker_machine("--docker", "--port", port))
    assert f"port {port} is taken" in message
    assert f"--port {port + 1}" in fix


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(docker_machine, port):
    message, _ = told(docker_machine("--docker", "--port", port), code=2)
    assert f"{port} is not a valid port" in message
    message, _ = told(docker_machine("--docker", MCP_SERVER_PORT=port), code=78)
    assert f"{port} is not a valid port" in message


def test_a_stopped_sage_comes_back_on_its_port(docker_machine):
    variables = {"FAKE_CONTAINER": "c1", "FAKE_PORT": "18765", "MCP_SERVER_PORT": ""}
    start = docker_machine("--docker", **variables, FAKE_CONFIG="no further")
    assert "On port 18765, as before" in start.stderr
    start = docker_machine("--docker", "--port", 18766, **variables, FAKE_CONFIG="no further")
    assert "as before" not in start.stderr


def test_a_lock_that_a_killed_start_left_holds_nothing_up(docker_machine):
    lock = docker_machine.checkout / ".docker.lock"
    lock.symlink_to("999999999")
    assert docker_machine("--docker", FAKE_CONFIG="no further").returncode == 78
    assert not lock.is_symlink()


def test_a_full_disk_is_told_before_anything_is_pulled(docker_machine, tmp_path):
    docker_machine.program("df", "#!/bin/sh\necho Head\necho /dev/x 1 1 1024000 1% /\n")
    info = f"engine=29.1.0 2 {tmp_path}"
    start = docker_machine("--docker", FAKE_INFO=info)
    message, fix = told(start)
    assert f"1000 MiB are free in {tmp_path}" in message
    assert "docker system df" in fix
    assert "Pulling" not in start.stderr


def test_an_image_that_cannot_be_built_is_told(docker_machine):
    message, fix = told(docker_machine("--docker", FAKE_IMAGES="yes"))
    assert "sage-mcp:latest cannot be built" in message
    assert "SAGE_BUILD_CA" in fix


@pytest.mark.parametrize("name", ["SAGE_IMAGE", "PYTHON_IMAGE", "SAGE_POSTGRES_IMAGE"])
def test_an_image_of_ones_own_that_cannot_be_pulled_is_told(docker_machine, name):
    """Nothing else is taken in its place."""
    docker_machine.program("build", BUILDS, docker_machine.images)
    there = "sage-base-python:3.13" if name == "SAGE_POSTGRES_IMAGE" else "none"
    start = docker_machine("--docker", FAKE_IMAGES=there, **{name: "registry.example/mine:9"})
    message, fix = told(start)
    assert "the image registry.example/mine:9 cannot be had" in message
    assert name in fix


NOW = "9999-12-31T00:00:00Z"  # when a container of this start was started, in the fake's words


@pytest.mark.parametrize(
    ("state", "code", "message"),
    [
        (f"restarting 78 1 {NOW}", 78, "the configuration is invalid"),
        (f"restarting 137 2 {NOW}", 1, "postgres ended with exit code 137"),
        (f"exited 3 0 {NOW}", 1, "postgres ended with exit code 3"),
        ("unhealthy", 1, "postgres is unhealthy"),
    ],
)
def test_a_service_that_ends_shows_its_last_words_and_is_stopped(
    docker_machine, state, code, message
):
    docker_machine.program("build", BUILDS, docker_machine.images)
    variables = {"FAKE_IMAGES": "yes", "FAKE_CONTAINER": "c1", "FAKE_STATE": state}
    start = docker_machine(
        "--docker", **variables, FAKE_UP_CODE="1", FAKE_UP="dependency failed to start"
    )
    assert message in told(start, code)[0]
    assert "The end of the log of postgres:\n  sage: the last words\n" in start.stderr
    assert "dependency failed to start" in start.stderr
    assert "stop c1\n" in docker_machine.stopped.read_text()


def test_what_compose_says_is_not_hidden_by_containers_from_before(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    state = "exited 1 0 2026-01-01T00:00:00Z"
    variables = {"FAKE_IMAGES": "yes", "FAKE_CONTAINER": "c1", "FAKE_STATE": state}
    start = docker_machine("--docker", **variables, FAKE_UP="no space left", FAKE_UP_CODE="1")
    assert "Docker could not start the containers" in told(start)[0]
    assert "no space left" in start.stderr
    assert "The end of the log" not in start.stderr


def test_a_sage_that_takes_too_long_goes_on(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    variables = {"FAKE_IMAGES": "yes", "FAKE_CONTAINER": "c1", "FAKE_STATE": "starting"}
    start = docker_machine("--docker", **variables, FAKE_UP_CODE="1")
    assert "Sage is not ready after 180 s; it goes on in the background" in told(start)[0]
    assert docker_machine.stopped.read_text() == "stop c1\n"  # what restarted before this start


def test_a_configuration_that_compose_cannot_read_is_told_before_anything_is_begun(docker_machine):
    start = docker_machine("--docker", FAKE_CONFIG="line 1: unexpected character")
    assert "line 1: unexpected character" in told(start, 78)[0]
    assert "Pulling" not in start.stderr


def test_a_mistake_in_dotenv_does_not_keep_sage_from_being_stopped(docker_machine):
    variables = {"FAKE_CONTAINER": "c1", "FAKE_CONFIG": "unexpected character"}
    stop = docker_machine("--docker", "--stop", **variables)
    assert (stop.returncode, stop.stdout) == (0, "Sage has stopped\n")
    assert docker_machine.stopped.read_text() == "stop c1\n" * 2


def test_containers_of_a_folder_that_is_gone_are_ones_own_with_the_secrets_alone(
    docker_machine, tmp_path
):
    gone = {"FAKE_CONTAINER": "c1", "FAKE_FOLDER": str(tmp_path / "gone/away")}
    message, _ = told(docker_machine("--docker", "--stop", **gone))
    assert f"the copy of Sage in {tmp_path}/gone/away" in message
    assert not docker_machine.stopped.exists()
    (docker_machine.checkout / "secrets").mkdir()
    (docker_machine.checkout / "secrets/db_password").write_text("kept")
    assert docker_machine("--docker", "--stop", **gone).returncode == 0


@pytest.mark.parametrize("token", ["short", "z" * 32 + "\n" + "z" * 32])
def test_what_is_no_token_is_refused_and_not_kept(docker_machine, token):
    docker_machine.program("build", BUILDS, docker_machine.images)
    refused = docker_machine("--docker", FAKE_IMAGES="yes", SAGE_TOKEN=token)
    assert refused.returncode == 78
    assert "SAGE_TOKEN is no token" in refused.stderr
    file = docker_machine.checkout / "secrets/sage_token"
    assert not file.exists()
    file.write_text("short")
    refused = docker_machine("--docker", FAKE_IMAGES="yes")
    assert refused.returncode == 78
    assert "fix: delete secrets/sage_token" in refused.stderr


def test_a_token_in_a_file_is_taken_and_a_tilde_is_the_home(docker_machine, tmp_path):
    docker_machine.program("build", BUILDS, docker_machine.images)
    (tmp_path / "given").write_text("z" * 40 + "\n")
    variables = {"SAGE_TOKEN_FILE": str(tmp_path / "given"), "SAGE_SECRETS_DIR": "~/kept"}
    docker_machine("--docker", FAKE_IMAGES="yes", FAKE_UP_CODE="1", **variables)
    assert (tmp_path / "kept/sage_token").read_text() == "z" * 40


def test_a_certificate_authority_in_dotenv_reaches_the_build(docker_machine):
    docker_machine.program(
        "build", '#!/bin/sh\necho "with $SAGE_BUILD_CA"\nexit 1\n', docker_machine.images
    )
    (docker_machine.checkout / ".env").write_text("SAGE_BUILD_CA=mine.pem\n")
    assert "with mine.pem\n" in docker_machine("--docker", FAKE_IMAGES="yes").stderr


def test_mirrors_in_dotenv_reach_what_fetches_packages(docker_machine):
    docker_machine.program(
        "build", '#!/bin/sh\necho "build: $PIP_INDEX_URL"\n', docker_machine.images
    )
    show = '#!/bin/sh\necho "bases: $SAGE_DEBIAN_MIRROR"\n'
    docker_machine.program("make-base-images", show, docker_machine.images)
    mirrors = "PIP_INDEX_URL=http://near/simple\nSAGE_DEBIAN_MIRROR=http://near/debian\n"
    (docker_machine.checkout / ".env").write_text(mirrors)
    start = docker_machine("--docker", FAKE_UP_CODE="1")
    assert "bases: http://near/debian\n" in start.stderr
    assert "build: http://near/simple\n" in start.stderr


def test_base_images_that_were_made_here_are_remembered_for_compose_once(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    docker_machine.program("make-base-images", BUILDS, docker_machine.images)
    dotenv = docker_machine.checkout / ".env"
    dotenv.write_text("MINE=1")  # without an end of the line
    docker_machine("--docker", FAKE_UP_CODE="1")
    lines = [line for line in dotenv.read_text().splitlines() if not line.startswith("#")]
    assert lines == [
        "MINE=1",
        "PYTHON_IMAGE=sage-base-python:3.13",
        "SAGE_POSTGRES_IMAGE=sage-base-postgres:17",
    ]
    written = dotenv.read_text()
    docker_machine("--docker", FAKE_UP_CODE="1")
    assert dotenv.read_text() == written


def test_published_base_images_leave_dotenv_as_it_is(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    docker_machine("--docker", FAKE_IMAGES="yes", FAKE_UP_CODE="1")
    assert "sage-base" not in (docker_machine.checkout / ".env").read_text()


def test_an_engine_that_refuses_to_start_the_containers_is_told(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    message, _ = told(docker_machine("--docker", FAKE_IMAGES="yes", FAKE_UP_CODE="1"))
    assert "Docker could not start the containers" in message


def test_a_sage_that_was_ready_runs_on_where_compose_fails(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    before = {"FAKE_IMAGES": "yes", "FAKE_CONTAINER": "c1", "FAKE_STATE": "running 0 0 2026-01-01"}
    for readiness, stops in (("", 1), ("not ready", 3)):  # what restarted is stopped in each start
        start = docker_machine("--docker", **before, FAKE_UP_CODE="1", FAKE_READINESS=readiness)
        assert "Docker could not start the containers" in told(start)[0]
        assert docker_machine.stopped.read_text() == "stop c1\n" * stops
        docker_machine.stopped.unlink()


def test_a_start_whose_output_nobody_reads_any_more_starts_sage(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    head = 'while read -r line && [ "$line" != started ]; do :; done'
    script = quote(str(docker_machine.checkout / SCRIPT))
    text = f"#!/usr/bin/env bash\n{{ {script} --docker 2>&1; }} | {{ {head}; }}\n"
    docker_machine.program("head", text)
    more_than_a_pipe_holds = "started\n" * 12_000
    variables = {"FAKE_IMAGES": "yes", "FAKE_CONTAINER": "c1", "FAKE_UP": more_than_a_pipe_holds}
    docker_machine(script=docker_machine.came_up.parent / "head", **variables)
    assert docker_machine.came_up.exists()
    assert docker_machine.stopped.read_text() == "stop c1\n"  # what restarted before this start


def test_a_start_in_containers_ends_at_once_and_says_why_where_time_mends_nothing(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    said = "sage: schema too new\n  fix: run the release of Sage that made it"
    start = docker_machine("--docker", FAKE_IMAGES="yes", FAKE_READINESS=said)
    assert start.returncode == 1
    assert said in start.stderr


def test_a_former_name_of_the_port_counts_and_is_told(docker_machine):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        former = {"MCP_SERVER_PORT": "", "MCP_PORT": str(port)}
        start = docker_machine("--docker", **former)
    assert f"port {port} is taken" in told(start)[0]
    assert "MCP_PORT is the former name of MCP_SERVER_PORT" in start.stderr


def test_settings_that_do_not_reach_the_container_are_named(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    start = docker_machine(
        "--docker",
        FAKE_IMAGES="yes",
        FAKE_UP_CODE="1",
        MCP_SERVER_HOST="0.0.0.0",
        EMBEDDING_API_KEY_FILE="key",
    )
    assert "note: EMBEDDING_API_KEY_FILE is set and does not count" in start.stderr
    assert "note: MCP_SERVER_HOST is set and does not count with Docker" in start.stderr


def test_the_token_that_dotenv_holds_is_the_one_of_the_container(docker_machine):
    docker_machine.program("build", BUILDS, docker_machine.images)
    docker_machine("--docker", FAKE_IMAGES="yes", FAKE_UP_CODE="1")
    token = (docker_machine.checkout / "secrets/sage_token").read_text()
    assert f"# SAGE_TOKEN={token}\n" in (docker_machine.checkout / ".env").read_text()
    again = docker_machine("--docker", FAKE_IMAGES="yes", FAKE_UP_CODE="1", SAGE_TOKEN="z" * 40)
    assert "SAGE_TOKEN differs from secrets/sage_token" in again.stderr
    assert (docker_machine.checkout / "secrets/sage_token").read_text() == token

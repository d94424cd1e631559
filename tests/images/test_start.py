"""What a container says while it starts, and what it refuses."""

import secrets
import subprocess
from contextlib import contextmanager

import pytest

from tests.support.docker import docker, eventually, run

TOKEN = secrets.token_hex(32)
NOWHERE = "postgresql://sage:secret-password@127.0.0.1:9/sage"
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")


@contextmanager
def started(image, *options):
    name = f"sage-test-{secrets.token_hex(4)}"
    docker("run", "--detach", "--name", name, *HARDENED, *options, image)
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)


def said_by(name):
    ran = run("docker", "logs", name)
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("target", ["runtime", "slim"])
def test_every_problem_of_the_configuration_is_told_at_once(target, request):
    image = request.getfixturevalue(target)
    ran = run("docker", "run", "--rm", "-e", "SAGE_LOG_LEVEL=LOUD", image, check=False)
    assert ran.returncode == 78
    for name in ("SAGE_TOKEN", "SAGE_LOG_LEVEL", "DATABASE_URL"):
        assert name in ran.stderr
    assert ran.stderr.count("fix:") == 3
    assert "Traceback" not in ran.stderr


def test_a_secret_file_that_is_missing_is_named(runtime):
    ran = run(
        "docker", "run", "--rm", "-e", "SAGE_TOKEN_FILE=/run/secrets/absent", runtime, check=False
    )
    assert ran.returncode == 78
    assert "/run/secrets/absent" in ran.stderr


def test_waiting_for_the_database_is_told_and_can_be_stopped(runtime):
    with started(runtime, "-e", f"SAGE_TOKEN={TOKEN}", "-e", f"DATABASE_URL={NOWHERE}") as name:
        eventually(lambda: "waiting for the database at 127.0.0.1:9" in said_by(name), "waiting")
        docker("stop", "--time", "10", name)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
        said = said_by(name)
    assert "secret-password" not in said
    assert "\x1b[" not in said


def test_waiting_is_coloured_on_a_terminal(runtime):
    name = f"sage-test-{secrets.token_hex(4)}"
    variables = ("-e", f"SAGE_TOKEN={TOKEN}", "-e", f"DATABASE_URL={NOWHERE}", "-e", "TERM=xterm")
    command = ("docker", "run", "--rm", "--tty", "--name", name, *variables, runtime)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as attached:
        said = b""
        while b"waiting for the database at 127.0.0.1:9" not in said:
            piece = attached.stdout.read1()
            assert piece, said
            said += piece
        docker("stop", name)
        assert attached.wait(15) == 0
    assert b"\x1b[32mok\x1b[0m" in said
    assert "⠋ waiting".encode() in said


def test_the_slim_image_names_what_it_lacks(slim):
    variables = ("-e", f"SAGE_TOKEN={TOKEN}", "-e", f"DATABASE_URL={NOWHERE}")
    ran = run("docker", "run", "--rm", *variables, slim, check=False)
    assert ran.returncode == 78
    assert "EMBEDDING_PROVIDER" in ran.stderr
    assert "target runtime" in ran.stderr


@pytest.mark.parametrize("target", ["runtime", "slim"])
def test_verbs_and_other_programs_run_as_they_stand(target, request):
    image = request.getfixturevalue(target)
    assert docker("run", "--rm", image, "version").startswith("sage ")
    assert docker("run", "--rm", image, "python3", "-c", "print(6 * 7)") == "42"
    assert docker("run", "--rm", image, "sh", "-c", "umask") == "0077"
    assert run("docker", "run", "--rm", image, "no-such-verb", check=False).returncode == 2


def test_the_entrypoint_is_short():
    with open("docker-entrypoint.sh", encoding="ascii") as file:  # noqa: PTH123 - two lines
        assert len(file.readlines()) <= 40


def test_mcp_is_spoken_over_standard_input(runtime, project):
    """`docker run -i` is how a client starts Sage by itself; stdout carries nothing else."""
    network = f"{project.name}_database"
    password = (project.place / "secrets/db_password").read_text()
    command = ["docker", "run", "--rm", "-i", "--network", network]
    command += ["-e", f"DATABASE_URL=postgresql://sage:{password}@postgres:5432/sage"]
    hello = (
        '{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": '
        '"2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}\n'
    )
    spoken = subprocess.Popen(
        [*command, runtime, "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with spoken:
        spoken.stdin.write(hello)
        spoken.stdin.flush()
        answer = spoken.stdout.readline()
        spoken.stdin.close()
        assert spoken.stdout.read() == ""
    assert '"serverInfo"' in answer
    assert spoken.returncode == 0

"""The images under test, on a real engine; without one these tests are skipped, saying why."""

import os
import sys

import pytest

from tests.support.docker import Project, docker, run

PYTHON_STAND_IN = "sage-base-python:3.13"
POSTGRES_STAND_IN = "sage-base-postgres:17"


def pytest_collection_modifyitems(items):
    """Give the tests of images the time that a first build takes."""
    for item in items:
        if item.path.parent.name == "images":
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def engine():
    """Have a Docker engine answer: the one here, or a private one that is ended afterwards."""
    already = run("ci/engine", "status", check=False).returncode == 0
    started = run("ci/engine", "start", check=False)
    if started.returncode == 3:
        pytest.skip(f"images: {started.stderr.strip().splitlines()[-1]}")
    assert started.returncode == 0, started.stderr
    with pytest.MonkeyPatch.context() as patch:
        for line in started.stdout.splitlines():
            name, value = line.removeprefix("export ").split("=", 1)
            patch.setenv(name, value)
        if not already:
            _sweep()
        yield docker("version", "--format", "{{.Server.Version}}")
    if not already:
        run("ci/engine", "stop")


@pytest.fixture(scope="session")
def bases(engine):  # noqa: ARG001 - it must answer
    """Name the bases to build on: the published ones where they can be had, else stand-ins."""
    published = {
        "PYTHON_IMAGE": _published("Dockerfile", "ARG PYTHON_IMAGE="),
        "SAGE_POSTGRES_IMAGE": _published("docker-compose.yml", "SAGE_POSTGRES_IMAGE:-"),
    }
    if all(_can_be_had(image) for image in published.values()):
        return published
    made = run("ci/bases", check=False, timeout=600)
    if made.returncode == 3:
        pytest.skip(f"images: no registry, and {made.stderr.strip().splitlines()[-1]}")
    assert made.returncode == 0, made.stderr
    return {"PYTHON_IMAGE": PYTHON_STAND_IN, "SAGE_POSTGRES_IMAGE": POSTGRES_STAND_IN}


@pytest.fixture(scope="session")
def variables(bases):
    """Give the variables that builds and compose projects need here."""
    authority = next(
        (os.environ[n] for n in ("SAGE_BUILD_CA", "PIP_CERT", "SSL_CERT_FILE") if n in os.environ),
        "/dev/null",
    )
    return {**bases, "SAGE_BUILD_CA": authority}


@pytest.fixture(scope="session")
def runtime(variables):
    """Build the image with the local model and name it."""
    run("ci/image", env={**variables, "SAGE_IMAGE": "sage-mcp:test"}, timeout=800)
    return "sage-mcp:test"


@pytest.fixture(scope="session")
def slim(variables, runtime):  # noqa: ARG001 - one build after the other
    """Build the image without the local model and name it."""
    build = ("ci/image", "--target", "slim")
    run(*build, env={**variables, "SAGE_IMAGE": "sage-mcp:test-slim"}, timeout=800)
    return "sage-mcp:test-slim"


@pytest.fixture(scope="session")
def project(variables, runtime, tmp_path_factory):  # noqa: ARG001 - its steps are used again
    """Bring the compose file up in a clean clone: it builds its image, everything is healthy."""
    place = tmp_path_factory.mktemp("clone of sage")
    one = Project(place, SAGE_IMAGE="sage-mcp:test-compose", **variables)
    try:
        one.up()
        yield one
    finally:
        one.remove()
        run("docker", "rmi", "sage-mcp:test-compose", check=False)


@pytest.fixture
def tell(request, capsys):
    """Give a way to put a measured figure into the run's output."""

    def write(text):
        with capsys.disabled():
            sys.stdout.write(f"\n{request.node.name}: {text}\n")

    return write


def _sweep():
    """Remove what a run that was killed left on the private engine."""
    if docker("info", "--format", "{{.Swarm.LocalNodeState}}") != "inactive":
        docker("swarm", "leave", "--force")
    names = ("--quiet", "--filter", "name=sage-test")
    for kind, remove in (
        ("ps --all", "rm --force"),
        ("volume ls", "volume rm"),
        ("network ls", "network rm"),
    ):
        if left := docker(*kind.split(), *names).split():
            docker(*remove.split(), *left)


def _published(file, before):
    text = run("grep", "-o", f"{before}[^}} ]*", file).stdout.splitlines()[0]
    return text.removeprefix(before)


def _can_be_had(image):
    return run("docker", "pull", "--quiet", image, check=False, timeout=600).returncode == 0

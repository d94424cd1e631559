"""The images under test, on a real engine; without one these tests are skipped, saying why."""

import os
import sys

import pytest

from tests.support.docker import Project, docker, run

LEAVE_A_SWARM = {"test_page.py", "test_swarm.py"}


def pytest_collection_modifyitems(items):
    """Give the tests of images the time that a first build takes, and put some of them last.

    When a node leaves its swarm, Docker 26 forgets the names of all running containers.
    """
    for item in items:
        if item.path.parent.name == "images":
            item.add_marker(pytest.mark.timeout(900))
    items.sort(
        key=lambda item: item.path.parent.name == "images" and item.path.name in LEAVE_A_SWARM
    )


@pytest.fixture(scope="session")
def engine():
    """Have a Docker engine answer: the one here, or a private one that is ended afterwards."""
    already = run("ci/offline/docker-engine", "status", check=False).returncode == 0
    started = run("ci/offline/docker-engine", "start", check=False)
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
        run("ci/offline/docker-engine", "stop")


@pytest.fixture
def private_engine(engine):
    """Give the engine to a test that changes more of it than what it makes itself."""
    if not (os.environ.get("CI") or "sage-engine" in os.environ.get("DOCKER_HOST", "")):
        pytest.skip("images: there is no private engine, and this test changes what others use")
    return engine


@pytest.fixture(scope="session")
def bases(engine):  # noqa: ARG001 - it must answer
    """Name the bases to build on: published where they can be had, else from Debian's packages."""
    return {"PYTHON_IMAGE": _base("python"), "SAGE_POSTGRES_IMAGE": _base("postgres")}


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
    run("deploy/images/build", env={**variables, "SAGE_IMAGE": "sage-mcp:test"}, timeout=800)
    return "sage-mcp:test"


@pytest.fixture(scope="session")
def slim(variables, runtime):  # noqa: ARG001 - one build after the other
    """Build the image without the local model and name it."""
    build = ("deploy/images/build", "--target", "slim")
    run(*build, env={**variables, "SAGE_IMAGE": "sage-mcp:test-slim"}, timeout=800)
    return "sage-mcp:test-slim"


@pytest.fixture(scope="session")
def backup(variables, slim):  # noqa: ARG001 - one build after the other
    """Build the image with the programs of PostgreSQL and name it."""
    build = ("deploy/images/build", "--target", "backup")
    run(*build, env={**variables, "SAGE_IMAGE": "sage-mcp:test-backup"}, timeout=800)
    return "sage-mcp:test-backup"


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


def _base(kind):
    found = run("deploy/images/base-image", kind, check=False, timeout=600)
    if found.returncode == 3:
        pytest.skip(f"images: {found.stderr.strip().splitlines()[-1]}")
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()

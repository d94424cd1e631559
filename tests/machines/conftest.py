"""Three machines of one user and the Sage that they share; `ci/machines` sets up the rest."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.machines.machine import AUTHORITY, Machine
from tests.machines.network import Network
from tests.machines.server import URL, Server
from tests.machines.talk import Talk

NEWEST, OLDEST = "sage-mcp:test-newest", "sage-mcp:test-oldest"
MACHINES = {"desk": "claude-code", "laptop": "codex", "attic": "gemini-cli"}


def pytest_collection_modifyitems(items):
    """Have what begins with the oldest server run first: no schema goes back."""
    items.sort(key=lambda item: item.path.name != "test_upgrades.py")
    for item in items:
        if item.path.parent.name == "machines":
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def oldest_client():
    return Path(os.environ["SAGE_TEST_OLDEST_CLIENT"])


@pytest.fixture(scope="session")
def network():
    one = Network()
    yield one
    one.remove()


@pytest.fixture(scope="session")
def server(network, tmp_path_factory):
    """Have a server that is not started yet, with a proxy before it."""
    one = Server(tmp_path_factory.mktemp("server"))
    try:
        one.listen(network.gateway)
        yield one
    finally:
        one.remove()


@pytest.fixture(scope="session")
def sage(server):
    """Have the newest server serve."""
    server.serve(NEWEST)
    return server


@pytest.fixture(scope="session")
def new_machine(network, server, tmp_path_factory):
    """Return a function that has one more machine."""
    folder = tmp_path_factory.mktemp("homes")
    with ExitStack() as kept:

        def make(name, *clients, is_far=False):
            machine = Machine(name, network, folder, kept, is_far=is_far)
            machine.install(*clients)
            (machine.folder / AUTHORITY).write_bytes(server.authority.read_bytes())
            return machine

        yield make


@pytest.fixture(scope="session")
def connect(server):
    """Return a function that connects a client of a machine, as the page of clients says."""

    def run(machine, client):
        shown = {} if machine.has_token() else {"SAGE_TOKEN": server.new_token(machine.name)}
        machine.client(
            *("connect", client, "--hooks", "--write", "--url", URL, "--ca", AUTHORITY), **shown
        )

    return run


@pytest.fixture(scope="session")
def machines(sage, new_machine, connect):  # noqa: ARG001 - it must serve
    """Have three machines, each with a client that is connected by the file of the server."""
    made = {}
    for name, client in MACHINES.items():
        made[name] = machine = new_machine(name, client)
        machine.fetch_client()
        connect(machine, client)
    return made


@pytest.fixture
def talk(server):
    """Count what is said in the test, to compare it with what is kept."""
    return Talk(server)


@pytest.fixture
def tell(request, capsys):
    """Return a function that puts a line into the output of the run."""

    def write(text):
        with capsys.disabled():
            sys.stdout.write(f"\n{request.node.name}: {text}\n")

    return write

import socket
from dataclasses import replace

import pytest

from sage.config.container import Container
from sage.config.load import read_configuration
from sage.config.paths import Paths
from sage.operations.checks.checklist import CheckPhase, run_checks_sync
from sage.operations.checks.context import CheckContext

OUTSIDE = Container(detected=False)


@pytest.fixture
def folder(tmp_path):
    """Give the data folder, working directory and home of the Sage that is looked at."""
    return tmp_path


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
def found(folder, free_port):
    """Make the checks of an occasion for given variables; give the results by name."""

    def results(environ=None, *, occasion=CheckPhase.CONFIG, container=OUTSIDE):
        environ = {
            "HOME": str(folder),
            "SAGE_DATA_DIR": str(folder),
            "MCP_SERVER_PORT": str(free_port),
        } | (environ or {})
        paths = replace(Paths.of(environ, folder), own=folder)
        settings = read_configuration(environ=environ, paths=paths).require_settings()
        subject = CheckContext(settings=settings, container=container)
        return {check.name: result for check, result in run_checks_sync(occasion, subject)}

    return results


@pytest.fixture
def wrong(found):
    """Make the checks of an occasion; give the results that are not well."""

    def results(*args, **rest):
        return [one for one in found(*args, **rest).values() if one.status != "healthy"]

    return results

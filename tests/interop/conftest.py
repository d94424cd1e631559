"""Other people's programs, and a running Sage for them.

`ci/interop` installs them and names their folder in SAGE_TEST_INTEROP.
"""

import os
import shutil
import subprocess

import pytest
from mcp.server.mcpserver import MCPServer

from sage.api.mcp.server import build_mcp_server
from tests.access.oauth.conftest import serving_oauth
from tests.interop.suite_fixtures import add_suite_fixtures
from tests.support.live import new_database, sage_url, session_id
from tests.support.serving import serving, settings_for

__all__ = ["sage_url", "session_id"]

FOLDER = os.environ.get("SAGE_TEST_INTEROP", "")
DEADLINE_S = 110


class Programs:
    """Runs what npm installed, with the Node that came with it."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *command, check=True, **variables):
        """Run a program to its end; return what it printed."""
        done = subprocess.run(
            [f"{self.folder}/.bin/node", *map(str, command)],
            env={"PATH": f"{self.folder}/.bin:{os.environ['PATH']}", **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done


@pytest.fixture(scope="session")
def programs():
    if not shutil.which("node", path=f"{FOLDER}/.bin"):
        missing = "the programs of other people are not installed: run ci/interop"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)
    return Programs(FOLDER)


@pytest.fixture(scope="session")
def suite_url(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage that has, beside its own, what the official suite wants to find."""

    def with_fixtures(*args, **options):
        server = build_mcp_server(*args, **options)
        add_suite_fixtures(server)
        return server

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sage.api.http.app.build_mcp_server", with_fixtures)
        patched.setattr("sage.api.mcp.server._SageMcpServer.get_prompt", MCPServer.get_prompt)
        with (
            new_database(postgres_server, migrated_template) as dsn,
            serving(settings_for(dsn, tmp_path_factory.mktemp("suite"))) as url,
        ):
            yield url


@pytest.fixture(scope="module")
def oauth_url(postgres_server, migrated_template, tmp_path_factory):
    """Serve a Sage on which apps sign in by OAuth; give its URL."""
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving_oauth(dsn, tmp_path_factory.mktemp("data")) as url,
    ):
        yield url

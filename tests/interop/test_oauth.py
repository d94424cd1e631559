"""Clients that others wrote sign in by OAuth: TypeScript and fastmcp."""

import json
from pathlib import Path

import pytest

from sage.api.tools import TOOLS
from tests.oauth.conftest import serving_oauth
from tests.support.guarded import SERVER_TOKEN
from tests.support.live import new_database
from tests.support.oauth import User

fastmcp = pytest.importorskip("fastmcp", reason="fastmcp is not installed: run ci/interop")
NAMES = [tool.name for tool in TOOLS]
CLIENT = Path(__file__).with_name("oauth.mjs")


@pytest.fixture(scope="module")
def oauth_url(postgres_server, migrated_template, tmp_path_factory):
    with (
        new_database(postgres_server, migrated_template) as dsn,
        serving_oauth(dsn, tmp_path_factory.mktemp("data")) as url,
    ):
        yield url


@pytest.mark.parametrize("sdk", ["sdk", "client"], ids=["version-1", "version-2"])
def test_the_typescript_sdk_signs_in(programs, oauth_url, sdk):
    words = (CLIENT, programs.folder, sdk, f"{oauth_url}/mcp", SERVER_TOKEN)
    said = json.loads(programs.run(*words).stdout)
    assert said == {
        "tools": NAMES,
        "state": "a state",
        "iss": oauth_url,
        "scope": "memory:read memory:write",
        "secret": None,
    }


@pytest.mark.filterwarnings("ignore:Using in-memory token storage:UserWarning")
async def test_fastmcp_signs_in(oauth_url):
    user = User(SERVER_TOKEN)

    class SignsIn(fastmcp.client.auth.OAuth):
        async def redirect_handler(self, authorization_url):
            await user.open(authorization_url)

        async def callback_handler(self):
            return await user.callback()

    async with fastmcp.Client(f"{oauth_url}/mcp", auth=SignsIn(f"{oauth_url}/mcp")) as client:
        assert [tool.name for tool in await client.list_tools()] == NAMES
    assert user.asked == 1

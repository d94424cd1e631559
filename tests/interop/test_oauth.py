"""Clients that others wrote sign in by OAuth: TypeScript, fastmcp, and the official suite."""

import asyncio
import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from sage.api.tools import TOOLS
from tests.support.guarded import SERVER_TOKEN
from tests.support.oauth import User
from tests.support.oauth_app import App
from tests.support.ports import free_port

fastmcp = pytest.importorskip("fastmcp", reason="fastmcp is not installed: run ci/interop")
NAMES = [tool.name for tool in TOOLS]
CLIENT = Path(__file__).with_name("oauth.mjs")
DEADLINE_S = 60


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


async def test_the_official_suite_finds_no_fault_with_the_oauth_server(
    programs, oauth_url, tmp_path
):
    port = free_port()
    redirect = f"http://127.0.0.1:{port}/callback"
    async with App(oauth_url, SERVER_TOKEN) as app:
        made = await app.register(redirect_uris=[redirect])
        client_id = made.json()["client_id"]
    suite = f"{programs.folder}/@modelcontextprotocol/conformance/dist/index.js"
    options = ["--url", oauth_url, "--client-id", client_id, "--resource", f"{oauth_url}/mcp"]
    running = await asyncio.create_subprocess_exec(
        *(f"{programs.folder}/.bin/node", suite, "authorization", *options, "-p", str(port)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=tmp_path,
    )
    said, user = "", User(SERVER_TOKEN)
    try:
        async with asyncio.timeout(DEADLINE_S):
            async for line in running.stdout:
                said += line.decode()
                if asked := re.search(r"https?://\S+/authorize\?\S+", line.decode()):
                    await user.open(asked[0])
                    async with httpx.AsyncClient(timeout=60) as browser:
                        await browser.get(user.landed)
            assert await running.wait() == 0, said
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    assert user.asked == 1, said

"""Clients that others wrote, each from save to search: TypeScript, fastmcp, the Inspector."""

import json
import os
import sys
from pathlib import Path

import pytest

from sage.api.tools import TOOLS
from tests.architecture.sources import INSTALLED

fastmcp = pytest.importorskip("fastmcp", reason="fastmcp is not installed: run ci/interop")
NAMES = [tool.name for tool in TOOLS]
TEA = "我最喜欢乌龙茶"
CLIENT = Path(__file__).with_name("client.mjs")


@pytest.fixture(params=["http", "stdio"])
def server(request, sage_url, postgres_dsn, tmp_path):
    """Name a server as a client is told of it: its words, and its variables."""
    if request.param == "http":
        return [f"{sage_url}/mcp"], {}
    variables = {"DATABASE_URL": postgres_dsn, "SAGE_DATA_DIR": str(tmp_path)}
    variables |= {"HOME": os.environ["HOME"], "PYTHONPATH": str(INSTALLED)}
    return [sys.executable, "-m", "sage", "mcp"], variables


@pytest.mark.parametrize("sdk", ["sdk", "client"], ids=["version-1", "version-2"])
def test_the_typescript_sdk_can_use_every_part(programs, server, sdk):
    words, variables = server
    said = json.loads(programs.run(CLIENT, programs.folder, sdk, *words, **variables).stdout)
    assert said["tools"] == NAMES
    assert said["saved"] is True
    assert said["found"][0] == said["kept"][0] == TEA
    assert "n must be a whole number" in said["wrong"]
    assert TEA in said["prompt"]


async def test_fastmcp_can_use_every_part(sage_url, session_id):
    async with fastmcp.Client(f"{sage_url}/mcp") as client:
        assert [tool.name for tool in await client.list_tools()] == NAMES
        said = {"user_prompt": TEA, "assistant_response": "记住了", "session_id": session_id}
        assert (await client.call_tool("save_conversation", said)).data
        asked = {"query": "乌龙茶", "session_id": session_id}
        found = await client.call_tool("search_memory", asked)
        assert found.structured_content["results"][0]["content"] == TEA
        contents = await client.read_resource(f"sage://memory/session/{session_id}")
        assert TEA in contents[0].text
        prompt = await client.get_prompt("auto_context_injection", {"query": "乌龙茶"})
        assert TEA in prompt.messages[0].content.text
        with pytest.raises(fastmcp.exceptions.ToolError, match="n must be a whole number"):
            await client.call_tool("search_memory", {"query": "x", "n": "five"})


def test_the_inspector_can_list_and_call(programs, sage_url, session_id):
    def inspect(*words):
        options = ["--transport", "http", *words]
        inspector = f"{programs.folder}/.bin/mcp-inspector"
        return json.loads(
            programs.run(inspector, "--cli", f"{sage_url}/mcp", *options, HOME="/nowhere").stdout
        )

    def call(tool, arguments):
        words = [word for argument in arguments for word in ("--tool-arg", argument)]
        return inspect("--method", "tools/call", "--tool-name", tool, *words)

    listed = inspect("--method", "tools/list")
    assert [tool["name"] for tool in listed["tools"]] == NAMES
    said = [f"user_prompt={TEA}", "assistant_response=记住了", f"session_id={session_id}"]
    saved = call("save_conversation", said)
    assert saved["structuredContent"]["saved"] is True
    found = call("search_memory", ["query=乌龙茶", f"session_id={session_id}"])
    assert found["structuredContent"]["results"][0]["content"] == TEA

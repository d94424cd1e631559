"""`search` and `fetch` as connectors of ChatGPT call them."""

import asyncio
import json
from uuid import uuid4

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from sage.api.tools import TOOLS
from sage.providers.local import LocalEmbedder
from tests.support.serving import serving, settings_for


@pytest.fixture
def connect(postgres_dsn, tmp_path):
    """Serve Sage with the tools of connectors; connect to it."""
    with serving(
        settings_for(postgres_dsn, tmp_path, connector_tools=True), LocalEmbedder()
    ) as url:
        yield lambda: Client(f"{url}/mcp")


async def answer(client, tool, **arguments):
    """Return the answer, which stands in one text and as a structured result."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (block,) = result.content
    assert json.loads(block.text) == result.structured_content
    return result.structured_content


async def test_what_is_found_can_be_fetched(connect):
    async with connect() as client:
        said = {"user_prompt": "Where do herons nest?", "assistant_response": "By the mill."}
        await client.call_tool("save_conversation", said | {"session_id": "birds/of the mill"})
        (first, *_) = (await answer(client, "search", query="herons nest"))["results"]
        assert set(first) == {"id", "title", "url"}
        assert first["title"] == "By the mill."
        assert first["url"] == "sage://memory/session/birds%2Fof%20the%20mill"
        assert (await client.read_resource(first["url"])).contents
        whole = await answer(client, "fetch", id=first["id"])
        assert {name: whole[name] for name in first} == first
        assert whole["text"] == "By the mill."
        assert whole["metadata"]["role"] == "assistant"


async def test_nothing_that_does_not_fit_is_found(connect):
    async with connect() as client:
        said = {"user_prompt": "Where do herons nest?", "assistant_response": "By the mill."}
        await client.call_tool("save_conversation", said)
        while (await client.call_tool("get_memory_stats", {})).structured_content["queue"][
            "pending"
        ]:
            await asyncio.sleep(0.05)
        cup = {"query": "Who won the football cup?"}
        shown = await client.call_tool("search_memory", cup)
        assert shown.structured_content["results"]
        while "degraded" in shown.structured_content:  # the question was embedded too late
            shown = await client.call_tool("search_memory", cup)
        assert await answer(client, "search", **cup) == {"results": []}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("fetch", {"id": str(uuid4())}), ("fetch", {"id": "x"}), ("search", {"query": " "})],
)
async def test_a_call_that_cannot_be_answered_is_refused_with_a_hint(connect, tool, arguments):
    async with connect() as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert "Fix:" in result.content[0].text


async def test_they_are_offered_only_if_the_setting_says_so(connect, sage_url):
    async with connect() as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
    assert listed == [*(tool.name for tool in TOOLS), "search", "fetch"]
    async with Client(f"{sage_url}/mcp") as client:
        with pytest.raises(MCPError, match="no such tool"):
            await client.call_tool("search", {"query": "herons"})

"""Resources and the prompt through the SDK's own client, in both protocol eras."""

import json
from urllib.parse import quote, unquote

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

PROMPT = "auto_context_injection"


@pytest.fixture
def connect(sage_url, era):
    return lambda: Client(f"{sage_url}/mcp", mode=era)


async def read(client, uri):
    return json.loads((await client.read_resource(uri)).contents[0].text)


async def save(client, session_id):
    result = await client.call_tool(
        "save_conversation",
        {
            "messages": [
                {"role": "user", "name": "Ann", "content": "The bakery on Elm Street is best."},
                {"role": "assistant", "content": "Good to know."},
            ],
            "session_id": session_id,
            "metadata": {"topic": "bread"},
        },
    )
    assert not result.is_error


async def test_statistics_can_be_read(connect):
    async with connect() as client:
        assert [str(r.uri) for r in (await client.list_resources()).resources] == [
            "sage://memory/stats"
        ]
        assert {"memories", "queue"} <= (await read(client, "sage://memory/stats")).keys()


@pytest.mark.parametrize("shape", ["{}", "{}%2Fa", "%2F{}", "..%2F{}", "%E7%8C%AB-{}"])
async def test_a_session_can_be_read_whatever_its_id(connect, session_id, shape):
    name = unquote(shape.format(session_id))
    async with connect() as client:
        templates = (await client.list_resource_templates()).resource_templates
        assert [t.uri_template for t in templates] == [
            "sage://memory/session/{session_id}{?limit,cursor}"
        ]
        await save(client, name)
        session = await read(client, f"sage://memory/session/{quote(name, safe='')}")
    assert session["session_id"] == name
    assert [memory["name"] for memory in session["memories"]] == ["Ann", None]
    assert session["memories"][0]["metadata"] == {"topic": "bread"}


async def test_a_long_session_is_read_page_by_page(connect, session_id):
    async with connect() as client:
        await save(client, session_id)
        first = await read(client, f"sage://memory/session/{session_id}?limit=1")
        rest = await read(
            client, f"sage://memory/session/{session_id}?cursor={first['next_cursor']}"
        )
    assert [len(page["memories"]) for page in (first, rest)] == [1, 1]
    assert first["memories"][0]["name"] == "Ann"
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    "uri",
    [
        "sage://memory/session/no-such-session",
        "sage://memory/session/no-such-session?limit=0",
        "sage://memory/session/no-such-session?cursor=nonsense",
        "sage://memory/session/%00",
        "sage://memory/session/" + "a" * 300,
        "sage://memory/nothing",
        "file:///etc/passwd",
    ],
)
async def test_what_is_not_there_is_refused_as_a_wrong_parameter(connect, uri):
    async with connect() as client:
        with pytest.raises(MCPError) as refused:
            await client.read_resource(uri)
    assert refused.value.error.code == INVALID_PARAMS


async def test_the_prompt_puts_memories_before_the_question(connect, session_id):
    async with connect() as client:
        listed = (await client.list_prompts()).prompts
        assert [(a.name, a.required) for a in listed[0].arguments] == [
            ("query", True),
            ("session_id", False),
        ]
        await save(client, session_id)
        question = "Where is the best bakery?"
        asked = {"query": question, "session_id": session_id}
        message = (await client.get_prompt(PROMPT, asked)).messages[0]
    assert message.role == "user"
    assert "Elm Street" in message.content.text
    assert message.content.text.endswith(question)


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        (PROMPT, {}, "query is missing"),
        (PROMPT, {"query": ""}, "query is empty"),
        (PROMPT, {"query": "x", "limit": "5"}, "limit is not a known argument"),
        ("no_such_prompt", {}, PROMPT),
    ],
)
async def test_a_wrong_prompt_call_says_what_is_wrong(connect, name, arguments, told):
    async with connect() as client:
        with pytest.raises(MCPError) as refused:
            await client.get_prompt(name, arguments)
    assert refused.value.error.code == INVALID_PARAMS
    assert told in refused.value.error.message

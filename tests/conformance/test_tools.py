"""The tools through the SDK's own client over HTTP, in both protocol eras."""

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from sage import __version__
from sage.api.published_schema import answer_schema, arguments_schema
from sage.api.tools import TOOLS
from sage.retrieval.context.tokens import count_tokens_upper_bound
from tests.support import plain_http
from tests.support.polling import wait_for

ORCHID = {"user_prompt": "My orchid is called Ophelia.", "assistant_response": "A fine name."}


@pytest.fixture
def connect(sage_url, era):
    return lambda: Client(f"{sage_url}/mcp", mode=era)


async def call(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def read(client, tool, **arguments):
    """Give what a model reads."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (block,) = result.content
    return block.text


def wait_for_vectors(sage_url):
    """Until then an answer notes how many memories are found by their words only."""
    wait_for(lambda: not plain_http.get(f"{sage_url}/api/v1/stats").json()["queue"]["pending"], 60)


async def test_the_server_says_who_it_is_and_how_to_use_it(connect, era):
    async with connect() as client:
        assert (client.protocol_version >= "2026-07-28") == (era == "auto")
        assert client.server_info.name == "sage"
        assert client.server_info.version == __version__
        assert "search_memory" in client.instructions
        assert "save_conversation" in client.instructions


async def test_every_tool_is_listed_with_all_that_a_client_needs(connect):
    async with connect() as client:
        listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
    for tool, meant in zip(listed, TOOLS, strict=True):
        assert tool.title == meant.title
        assert tool.description == meant.description
        assert tool.input_schema == arguments_schema(meant.arguments)
        assert tool.output_schema == answer_schema(meant.answer)
        assert tool.annotations.read_only_hint is meant.read_only
        assert tool.annotations.destructive_hint is meant.destructive
        assert tool.annotations.idempotent_hint is meant.idempotent
        assert tool.annotations.open_world_hint is False


async def test_a_conversation_is_saved_found_gathered_and_forgotten(connect, session_id):
    async with connect() as client:
        saved = await call(client, "save_conversation", **ORCHID, session_id=session_id)
        again = await call(client, "save_conversation", **ORCHID, session_id=session_id)
        assert (saved["saved"], again["saved"]) == (True, False)
        assert again["memory_ids"] == saved["memory_ids"]
        scope = {"session_id": session_id}
        found = await call(client, "search_memory", query="orchid", **scope)
        assert found["results"][0]["memory_id"] == saved["memory_ids"][0]
        context = await call(client, "get_context", query="orchid", context_window=300, **scope)
        assert "Ophelia" in context["context"]
        assert context["tokens"] <= 300
        assert (await call(client, "get_memory_stats"))["memories"] >= 2
        forgotten = await call(client, "forget_memory", session_id=session_id)
        assert forgotten == {"forgotten": 2, "restored": 0, "unknown": 0}
        assert (await call(client, "search_memory", query="orchid", **scope))["results"] == []
        restored = await call(client, "forget_memory", session_id=session_id, undo=True)
        assert restored["restored"] == 2
        found = await call(client, "search_memory", query="orchid", **scope)
        assert found["results"]


async def test_what_a_model_reads_of_a_search_is_a_list(connect, session_id, sage_url):
    said = [
        {"role": "user", "name": "Ann", "content": "The orchid fell.\n2. [00000000] It\nbroke."},
        {"role": "assistant", "content": "Pity about the orchid."},
    ]
    async with connect() as client:
        saved = await call(
            client,
            "save_conversation",
            messages=said,
            session_id=session_id,
            metadata={"session": session_id},
        )
        wait_for_vectors(sage_url)
        asked = {"query": "orchid broke", "metadata": {"session": session_id}}
        text = await read(client, "search_memory", **asked)
    note, opening, heading, *lines, closing = text.splitlines()
    assert note == "Not judged: perhaps none of these answers."  # as of any other model
    assert (opening, closing) == ("<sage-memories>", "</sage-memories>")
    assert "best first" in heading.lower()
    assert "not instructions" in heading
    (ann,) = [line for line in lines if 'user "Ann": The orchid fell.' in line]
    assert saved["memory_ids"][0][-8:] in ann
    assert [line[:2] for line in lines if not line.startswith("    ")] == ["1.", "2."]
    assert "    2. [00000000] It" in lines
    for part in ("score", "signals", "{", "null", "\\n"):
        assert part not in text


async def test_the_context_is_all_that_a_model_reads_of_it(connect, session_id):
    async with connect() as client:
        await call(client, "save_conversation", **ORCHID, session_id=session_id)
        asked = {"query": "orchid", "context_window": 300, "session_id": session_id}
        text = await read(client, "get_context", **asked)
        answer = await call(client, "get_context", **asked)
        assert text == answer["context"]
        assert len(text.splitlines()) > 3
        assert {frozenset(memory) for memory in answer["memories"]} == {
            frozenset({"memory_id", "session_id", "role", "created_at"})
        }
        nothing = await read(client, "get_context", query="orchid", session_id="no-such-session")
        assert "do not remember" in nothing


async def test_results_hold_nothing_empty_and_no_signals(connect, session_id):
    async with connect() as client:
        await call(client, "save_conversation", **ORCHID, session_id=session_id)
        found = await call(client, "search_memory", query="orchid", session_id=session_id)
        best = found["results"][0]
        assert "signals" not in best
        assert "name" not in best
        assert "degraded" not in found
        assert "score" not in best
        assert best.get("probability", 0.5) == round(best.get("probability", 0.5), 2)
        explained = await call(
            client, "search_memory", query="orchid", session_id=session_id, explain=True
        )
        signals = explained["results"][0]["signals"]
        assert signals
        assert all(value == round(value, 3) for value in signals.values())


async def test_a_long_message_is_outlined_and_read_whole_by_its_id(connect, session_id, sage_url):
    long = "The lamp is blue.\n" * 80 + "The kettle boils at noon.\n" + "The rug is red.\n" * 80
    async with connect() as client:
        saved = await call(
            client,
            "save_conversation",
            messages=[{"role": "user", "content": long}],
            session_id=session_id,
            metadata={"kitchen": True},
        )
        wait_for_vectors(sage_url)
        asked = {"query": "when does the kettle boil", "session_id": session_id, "outline": True}
        *_, line, _ = (await read(client, "search_memory", **asked)).splitlines()
        assert "The kettle boils at noon." in line
        assert len(line) < 300
        (memory_id,) = saved["memory_ids"]
        short = memory_id[-8:]
        assert f"[{short}]" in line
        opened = await call(client, "get_memories", memory_ids=[short, "00000000"])
        (memory,) = opened["memories"]
        assert memory["content"] == long
        assert memory["metadata"] == {"kitchen": True}
        assert "name" not in memory
        assert opened["unknown"] == ["00000000"]
        text = await read(client, "get_memories", memory_ids=[memory_id])
        assert f"[{memory_id}]" in text
        assert f"session {session_id}, user: The lamp is blue." in text
        assert text.count("The rug is red.") == 80


async def test_a_model_reads_the_part_that_matters_of_a_very_long_message(connect, session_id):
    filler = "The lamp is blue.\n" * 1_000
    long = f"{filler}The kettle boils at noon.\n{filler}"
    asked = {"query": "when does the kettle boil", "session_id": session_id}
    async with connect() as client:
        message = {"role": "user", "content": long}
        await call(client, "save_conversation", messages=[message], session_id=session_id)
        text = await read(client, "search_memory", **asked)
        assert "The kettle boils at noon." in text
        assert text.count("[...]") == 2
        assert 500 < count_tokens_upper_bound(text) < 1_150  # ids differ
        (whole,) = (await call(client, "search_memory", **asked))["results"]
        assert whole["content"] == long


async def test_the_short_id_that_a_model_reads_is_enough_to_forget(connect, session_id):
    async with connect() as client:
        saved = await call(client, "save_conversation", **ORCHID, session_id=session_id)
        short = saved["memory_ids"][0][-8:]
        assert short in await read(client, "search_memory", query="orchid", session_id=session_id)
        forgotten = await call(client, "forget_memory", memory_ids=[short, "00000000"])
        assert forgotten == {"forgotten": 1, "restored": 0, "unknown": 1}
        restored = await call(client, "forget_memory", memory_ids=[short], undo=True)
        assert restored == {"forgotten": 0, "restored": 1, "unknown": 0}


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("search_memory", {}, "query is missing. Fix: pass query."),
        ("search_memory", {"query": "x", "n": "five"}, "n must be a whole number. Fix: pass a"),
        ("search_memory", {"query": "x", "top_k": 5}, "top_k is not a known argument. Fix: use:"),
        ("save_conversation", {}, "Fix: pass user_prompt and assistant_response, or messages."),
        ("save_conversation", {"messages": [{"role": "me", "content": "x"}]}, "messages[0].role"),
        ("get_context", {"query": "x", "context_window": 5}, "Fix: pass 200 to 32000."),
        ("get_memory_stats", {"verbose": True}, "verbose is not a known argument."),
        ("forget_memory", {"memory_ids": ["x"]}, "memory_ids[0] is not a memory id. Fix: pass"),
        ("get_memories", {"memory_ids": ["12345678"] * 21}, "memory_ids has more than 20 entries"),
    ],
)
async def test_a_model_is_told_what_is_wrong_and_the_fix(connect, tool, arguments, told):
    async with connect() as client:
        result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert told in result.content[0].text
    assert "pydantic" not in result.content[0].text


async def test_an_unknown_tool_is_refused_as_a_wrong_parameter(connect):
    async with connect() as client:
        with pytest.raises(MCPError, match="use one of save_conversation") as refused:
            await client.call_tool("drop_memory", {})
    assert refused.value.error.code == INVALID_PARAMS

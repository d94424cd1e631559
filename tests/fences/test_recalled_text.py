"""Every way in which Sage shows a model what it remembers, walked with texts that give orders.

A tool, resource, prompt or route that is new fails these tests until it is listed here with a way
to call it, or as one that shows nothing that was said.
"""

import json
import subprocess
from urllib.parse import quote, urlsplit

import httpx
import pytest
from mcp import Client

from sage.api.connector import CONNECTOR_TOOLS
from sage.api.http.app import create_app
from sage.api.http.deprecated_routes import SUCCESSORS
from sage.api.tools import TOOLS
from sage.clients.hooks.launcher import hook_address, record_server, write_launcher
from tests.fences.canaries import CANARIES, WORDS
from tests.fences.checks import check_fenced, check_json_for_a_model, leaves
from tests.support.guarded import MANAGED, OF_ANYBODY, OF_THE_SERVER
from tests.support.polling import wait_for
from tests.support.routes import served_routes
from tests.support.serving import settings_for


def test_there_are_enough_of_them():
    texts = [*leaves([canary.as_line() for canary in CANARIES])]
    assert len(CANARIES) >= 60
    assert sum(any("\u4e00" <= char <= "\u9fff" for char in text) for text in texts) >= 12


def test_programs_get_every_canary_as_it_was_said(found):
    for canary in CANARIES:
        kept = found[canary.word]
        assert kept["content"] == canary.content
        assert kept["session_id"] == canary.session_id
        assert kept["name"] == canary.name


# Tools, resources and the prompt.


async def call(client, tool, arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (block,) = result.content
    check_json_for_a_model(result.structured_content)
    return block.text, result.structured_content


async def ask_search(client, canary, _):
    asked = {"query": canary.word, "n": 3, "min_relevance": "none"}
    for more in ({}, {"outline": True}):
        text, told = await call(client, "search_memory", asked | more)
        check_fenced(text, WORDS)
        assert canary.word in json.dumps(told["results"]), "it is not found by its word"
        if canary.word in canary.content:
            assert canary.word in text


async def ask_context(client, canary, _):
    asked = {"query": canary.word, "min_relevance": "none"}
    text, told = await call(client, "get_context", asked)
    assert text == told["context"]
    check_fenced(text, WORDS)


async def ask_memories(client, canary, kept):
    text, told = await call(client, "get_memories", {"memory_ids": [kept["memory_id"]]})
    check_fenced(text, WORDS)
    assert canary.word in json.dumps(told)


async def ask_connector(client, canary, _):
    text, _told = await call(client, "search", {"query": canary.word})
    check_json_for_a_model(json.loads(text))


async def ask_fetch(client, _, kept):
    text, _told = await call(client, "fetch", {"id": kept["memory_id"]})
    check_json_for_a_model(json.loads(text))


TOOL_CALLS = {
    "search_memory": ask_search,
    "get_context": ask_context,
    "get_memories": ask_memories,
    "search": ask_connector,
    "fetch": ask_fetch,
}
TOOLS_THAT_COUNT = {"save_conversation", "get_memory_stats", "forget_memory"}


def test_every_tool_is_walked():
    tools = {tool.name for tool in (*TOOLS, *CONNECTOR_TOOLS)}
    assert tools == TOOL_CALLS.keys() | TOOLS_THAT_COUNT


@pytest.mark.parametrize("tool", TOOL_CALLS)
async def test_no_canary_leaves_the_fence_of_a_tool(planted, found, tool):
    async with Client(f"{planted[0]}/mcp") as client:
        for canary in CANARIES:
            await TOOL_CALLS[tool](client, canary, found[canary.word])


async def test_a_receipt_repeats_no_canary_as_it_is(planted):
    async with Client(f"{planted[0]}/mcp") as client:
        for canary in CANARIES:
            said = {"user_prompt": "again", "assistant_response": "ok"}
            named = {"session_id": canary.session_id + " again"}
            text, _ = await call(client, "save_conversation", said | named)
            check_fenced(f"<sage-memories>\n    {text}\n</sage-memories>", [])
            forgot, _ = await call(client, "forget_memory", named)
            assert "Forgot 2 messages" in forgot


async def test_no_canary_passes_for_more_in_a_resource(planted, found):
    async with Client(f"{planted[0]}/mcp") as client:
        templates = (await client.list_resource_templates()).resource_templates
        assert [one.uri_template for one in templates] == [
            "sage://memory/session/{session_id}{?limit,cursor}"
        ]
        assert [str(one.uri) for one in (await client.list_resources()).resources] == [
            "sage://memory/stats"
        ]
        for kept in found.values():
            uri = f"sage://memory/session/{quote(kept['session_id'], safe='')}"
            (content,) = (await client.read_resource(uri)).contents
            check_json_for_a_model(json.loads(content.text))


async def test_no_canary_leaves_the_fence_of_the_prompt(planted):
    async with Client(f"{planted[0]}/mcp") as client:
        prompts = (await client.list_prompts()).prompts
        assert [one.name for one in prompts] == ["auto_context_injection"]
        for canary in CANARIES:
            told = await client.get_prompt("auto_context_injection", {"query": canary.word})
            (message,) = told.messages
            context, _, question = message.content.text.rpartition("\n\n")
            assert question == canary.word
            if context:
                check_fenced(context, WORDS)


# What programs get, and hooks of AI clients.

ROUTES_WITH_FENCED_TEXT = {"/api/v1/context": "context", "/api/v1/hooks/recall": "text"}
ROUTES_FOR_PROGRAMS = {
    "/api/v1/search",
    "/api/v1/search/locate",
    "/api/v1/memories",
    "/api/v1/memories/{memory_id}",
    "/api/v1/sessions",
    "/api/v1/sessions/{session_id:path}",
    "/api/v1/projects",
    *("/api/v1/activity", "/api/v1/forgotten"),
    "/api/v1/projects/{name:path}",
    "/api/v1/hooks/look-alike",
    "/api/v1/imports",
    *("/api/v1/tidy/{kind}", "/api/v1/given", "/api/v1/not-useful"),
}
ROUTES_THAT_COUNT = {
    *("/api/v1/conversations", "/api/v1/forget", "/api/v1/stats", "/api/v1/hooks/capture"),
    *("/api/v1/projects/move", "/api/v1/projects/merge", "/api/v1/memories/{memory_id}/correct"),
    *("/api/v1/hooks/identities", "/api/v1/hooks/merge", "/api/v1/hooks/forget"),
    *("/api/v1/imports/{import_id}", "/api/v1/memories/{memory_id}/confirm"),
    "/api/v1/given/{recall_id}/not-useful/{memory_id}",
    *("/api/v1/imports/files", "/api/v1/imports/files/{import_id}"),
    "/api/v1/imports/files/{import_id}/start",
    *("/health", "/health/detailed", "/health/liveness", "/health/readiness", "/metrics"),
    *("/docs", "/openapi.json", "/api/v1/proof"),
    *("/client/sage-client.pyz", "/client/sage-client.pyz.sha256"),
}
WALKED_AS_TOOLS = {"/mcp", "/mcp/"}
ABOUT_THE_SERVER = OF_THE_SERVER | {path for _, path in (*MANAGED, *OF_ANYBODY)}


def test_every_route_is_walked(tmp_path):
    served = {path for _, path in served_routes(create_app(settings_for(None, tmp_path)))}
    shown = ROUTES_WITH_FENCED_TEXT.keys() | ROUTES_FOR_PROGRAMS
    others = ROUTES_THAT_COUNT | ABOUT_THE_SERVER | WALKED_AS_TOOLS
    assert served - SUCCESSORS.keys() == shown | others


def test_no_canary_leaves_the_fence_of_a_context_over_rest(planted):
    for canary in CANARIES:
        asked = {"query": canary.word, "min_relevance": "none"}
        told = httpx.post(f"{planted[0]}/api/v1/context", json=asked, timeout=60).json()
        check_fenced(told["context"], WORDS)


def test_json_for_programs_escapes_control_characters_and_holds_the_rest_word_for_word(
    planted, found
):
    for kept in found.values():
        answer = httpx.get(f"{planted[0]}/api/v1/memories/{kept['memory_id']}", timeout=60)
        assert kept.items() <= answer.json().items()
        assert not any(ord(char) < 0x20 for char in answer.text)


def test_no_canary_leaves_the_fence_at_the_start_of_a_session(planted):
    for canary in CANARIES:
        asked = {"client": "claude-code", "event": "start", "session": "new"}
        body = asked | {"project": canary.word}
        told = httpx.post(f"{planted[0]}/api/v1/hooks/recall", json=body, timeout=60).json()
        if "project" not in canary.metadata:
            check_fenced(told["text"], WORDS)
            assert told["text"].startswith("<sage-recall>")
            assert told["text"].endswith("</sage-recall>")


@pytest.mark.parametrize(
    ("client", "event"),
    [
        ("claude-code", "start"),
        ("codex", "start"),
        ("gemini-cli", "prompt"),
        ("copilot", "start"),
        ("opencode", "start"),
    ],
)
def test_a_hook_passes_the_fence_on_whole(empty, tmp_path, client, event):
    address = urlsplit(empty)
    record_server(tmp_path, hook_address(address.hostname, address.port))
    folder = tmp_path / CANARIES[10].word
    wide = [" " * 30 + f"{client} {number}" + " x" * 250 for number in range(40)]
    body = {
        "messages": [{"role": "user", "content": text} for text in [CANARIES[10].content, *wide]],
        "metadata": {"project": str(folder)},
    }
    httpx.post(f"{empty}/api/v1/conversations", json=body, timeout=60).raise_for_status()
    payload = json.dumps({"session_id": "s", "cwd": str(folder)}).encode()
    command = [write_launcher(tmp_path), event, "--client", client]
    shown = []

    def is_told():
        """Report whether something was recalled: on a busy machine a hook may give up, twice."""
        (tmp_path / "hooks/unanswered.json").unlink(missing_ok=True)
        done = subprocess.run(command, input=payload, capture_output=True, timeout=60, check=True)
        told = json.loads(done.stdout or "{}")
        told |= told.get("hookSpecificOutput", {})
        shown[:] = [told["additionalContext"]] if "additionalContext" in told else []
        return shown

    wait_for(is_told)
    [text] = shown
    check_fenced(text, WORDS)
    assert text.endswith("</sage-recall>")
    assert len(text) <= 9_000

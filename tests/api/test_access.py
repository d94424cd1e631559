"""Every route, tool, resource and prompt, with every kind of token: what is not listed is refused.

A route or tool that is new fails these tests until tests/support/guarded.py lists it with the role
it takes.
"""

import asyncio
import json

import pytest
from fastapi import APIRouter
from mcp.shared.exceptions import MCPError
from starlette.routing import Route

from sage.api.connector import CONNECTOR_TOOLS
from sage.api.http.app import create_app
from sage.api.tools import TOOLS
from sage.config.settings import RateLimitSettings
from tests.support.asgi import app_with, caller
from tests.support.guarded import (
    CALLS,
    LINE,
    MANAGED,
    NOT_ALLOWED,
    OF_ANYBODY,
    OF_OWNERS,
    OF_THE_SERVER,
    OPEN,
    PROMPTS,
    READER,
    REFUSED,
    RESOURCES_OF_ONE_SPACE,
    SECRET,
    SERVER_TOKEN,
    TAKE_ALL_SPACES,
    TURN,
    WRITER,
    Guarded,
    guarded_routes,
    make_tokens,
)
from tests.support.live import new_database
from tests.support.routes import served_routes
from tests.support.serving import serving, settings_for


@pytest.fixture(scope="module")
def guarded(postgres_server, migrated_template, tmp_path_factory):
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        settings = settings_for(
            dsn, tmp_path_factory.mktemp("data"), token=SERVER_TOKEN, connector_tools=True
        )
        never_too_many = RateLimitSettings(failures=0)
        with serving(settings.model_copy(update={"rate_limit": never_too_many})) as url:
            server = Guarded(url, tokens, "")
            saved = server.request("writer", "POST", "/api/v1/conversations", json=TURN)
            server.memory_id = saved.json()["memory_ids"][0]
            yield server


def listed():
    """Every path and method that is listed with the role it takes, as open or as the server's."""
    found = {(method, path) for method, path, *_ in guarded_routes()}
    found |= {("GET", path) for path in OPEN | OF_THE_SERVER | OF_OWNERS}
    found |= {*MANAGED} | OF_ANYBODY | NOT_ALLOWED
    return found | {("POST", "/mcp"), ("POST", "/mcp/")}


def test_every_route_and_tool_is_listed_here_with_the_role_it_takes(tmp_path):
    assert served_routes(create_app(settings_for(None, tmp_path))) == listed()
    tools = (*TOOLS, *CONNECTOR_TOOLS)
    assert {tool.name: tool.needs for tool in tools} == {
        name: role for name, (role, _) in CALLS.items()
    }
    assert all(tool.read_only == (tool.needs is READER) for tool in tools)


async def test_a_new_route_is_found_and_refused_until_it_is_listed(tmp_path):
    async def planted():
        return SECRET

    app = app_with(tmp_path, token=SERVER_TOKEN)
    router = APIRouter(prefix="/api/v1")
    router.add_api_route("/within", planted, methods=["PUT"])
    app.include_router(router)
    app.router.routes.append(Route("/planted", planted, methods=["GET"]))
    new = {("PUT", "/api/v1/within"), ("GET", "/planted")}
    assert served_routes(app) - listed() == new
    async with caller(app) as client:
        for method, path in new:
            assert (await client.request(method, path)).status_code == 401


@pytest.mark.parametrize("who", REFUSED)
def test_without_a_valid_token_nothing_but_health_is_answered(guarded, who):
    refused = set()
    for method, path, _, body in guarded_routes():
        answer = guarded.request(who, method, path, json=body)
        assert answer.status_code == 401, (method, path)
        refused.add(answer.text.replace(answer.headers["x-request-id"], ""))
    for method, path in (*(("GET", path) for path in OF_THE_SERVER | OF_OWNERS), ("POST", "/mcp")):
        assert guarded.request(who, method, path).status_code == 401
    assert len(refused) == 1
    health = guarded.request(who, "GET", "/health").json()
    assert health.get("memory_count") is None


def test_each_role_may_do_what_it_says_and_no_more(guarded):
    both = {READER, WRITER}
    for who, allowed in (("reader", {READER}), ("writer", both), ("owner", both)):
        for method, path, needed, body in guarded_routes():
            answer = guarded.request(who, method, path, json=body)
            assert answer.status_code == (200 if needed in allowed else 403), (who, path)
            if answer.status_code == 403:
                assert answer.json()["type"] == "urn:sage:problem:forbidden"
                assert answer.json()["hint"]


def test_a_token_of_a_space_sees_nothing_of_the_server(guarded):
    for path in OF_THE_SERVER:
        for who in ("reader", "writer", "foreign"):
            assert guarded.request(who, "GET", path).status_code == 403, (who, path)
        assert guarded.request("owner", "GET", path).status_code == 403
        assert guarded.request("server", "GET", path).status_code == 200
    assert guarded.request("owner", "GET", "/health").json().get("memory_count") is None
    assert guarded.request("owner", "GET", "/no/such/route").status_code == 403


def test_an_owner_is_told_of_health_what_concerns_their_space_and_nothing_of_the_machine(guarded):
    whole = guarded.request("server", "GET", "/health/detailed").json()
    assert whole["checks"].keys() >= {"backup", "queue"}
    assert whole["system"]["disk"]
    told = guarded.request("owner", "GET", "/health/detailed")
    assert told.status_code == 200
    report = told.json()
    parts = {"database", "schema", "embedding", "reranker", "summary", "queue"}
    assert report["checks"].keys() == parts
    assert report["checks"]["queue"]["figures"] == {"pending": 0, "failed": 0, "age_s": 0}
    assert (report["system"], report["container"], report["memory_count"]) == ({}, {}, None)
    for who in ("reader", "writer"):
        assert guarded.request(who, "GET", "/health/detailed").status_code == 403
    for space in ("private", "nowhere"):
        asked = {"params": {"space": space}}
        assert guarded.request("owner", "GET", "/health/detailed", **asked).status_code == 404


def test_who_looks_for_oauth_is_told_that_there_is_none_with_a_token_as_without(guarded):
    for path in ("/.well-known/oauth-protected-resource/mcp", "/.well-known/x", "/register"):
        answers = [guarded.request(who, "GET", path) for who in (None, "owner", "server")]
        assert [answer.status_code for answer in answers] == [404] * 3, path


@pytest.mark.parametrize("who", ["foreign", "server"])
def test_a_foreign_space_is_neither_seen_nor_told_from_one_that_does_not_exist(guarded, who):
    for method, path, _, body in guarded_routes():
        if path not in {"/api/v1/conversations", "/save_conversation", "/api/v1/hooks/capture"}:
            answer = guarded.request(who, method, path, json=body)
            assert SECRET not in answer.text, path
        told = []
        for space in ("team", "nowhere"):
            named = {"json": body | {"space": space}} if body else {"params": {"space": space}}
            answer = guarded.request(who, method, path, **named)
            assert answer.status_code == 404, (method, path)
            told.append({k: v for k, v in answer.json().items() if k != "request_id"})
        assert told[0] == json.loads(json.dumps(told[1]).replace("nowhere", "team")), path


async def test_tools_resources_and_the_prompt_keep_to_the_space_of_the_token(guarded):
    async with guarded.client("foreign") as client:
        for name, (role, arguments) in CALLS.items():
            asked = guarded.filled(arguments)
            if role is READER:
                found = await client.call_tool(name, asked)
                assert SECRET not in str(found), name
            refused = await client.call_tool(name, asked | {"space": "team"})
            assert refused.is_error, name
            assert "has no access to a space 'team'" in refused.content[0].text
        listed = {str(one.uri) for one in (await client.list_resources()).resources}
        listed |= {
            one.uri_template for one in (await client.list_resource_templates()).resource_templates
        }
        assert listed == RESOURCES_OF_ONE_SPACE
        assert {one.name for one in (await client.list_prompts()).prompts} == PROMPTS
        stats = await client.read_resource("sage://memory/stats")
        assert json.loads(stats.contents[0].text)["memories"] == 0
        with pytest.raises(MCPError):
            await client.read_resource("sage://memory/session/birds")
        prompt = await client.get_prompt("auto_context_injection", {"query": "heron"})
        assert SECRET not in str(prompt)


async def test_tools_resources_and_the_prompt_ask_for_the_role(guarded):
    async with guarded.client("reader") as client:
        for name, (role, arguments) in CALLS.items():
            found = await client.call_tool(name, guarded.filled(arguments))
            assert found.is_error == (role is not READER), name
            if role is not READER:
                assert "requires the role writer" in found.content[0].text
        session = await client.read_resource("sage://memory/session/birds")
        assert SECRET in session.contents[0].text
        prompt = await client.get_prompt("auto_context_injection", {"query": "heron"})
        assert SECRET in str(prompt)


async def test_a_model_is_shown_spaces_only_where_it_may_choose(guarded):
    async with guarded.client("reader") as client:
        for tool in (await client.list_tools()).tools:
            assert "space" not in tool.input_schema["properties"]
    async with guarded.client("several") as client:
        for tool in (await client.list_tools()).tools:
            shown = tool.input_schema["properties"]["space"]
            more = ["*"] if tool.name in TAKE_ALL_SPACES else []
            assert (shown["enum"], shown["default"]) == (
                ["private", "team", *more],
                "private",
            )
        found = await client.call_tool("search_memory", {"query": "heron", "space": "team"})
        assert SECRET in found.content[0].text
        assert "saved by writer" in found.content[0].text
        found = await client.call_tool("search_memory", {"query": "heron"})
        assert SECRET not in found.content[0].text


def test_the_author_is_whose_token_saved_and_never_what_a_caller_says(guarded):
    line = LINE | {"content": "A wren is in the hedge.", "author": "somebody else"}
    body = {"client": "c", "memories": [line]}
    assert guarded.request("owner", "POST", "/api/v1/hooks/capture", json=body).status_code == 200
    page = guarded.request("reader", "GET", "/api/v1/sessions/{session_id:path}").json()
    authors = {one["content"]: one["author"] for one in page["memories"]}
    assert authors["A wren is in the hedge."] == "owner"
    assert authors[SECRET] == "writer"
    said = guarded.request("writer", "POST", "/api/v1/conversations", json=TURN | {"author": "me"})
    assert said.status_code == 422


def test_a_search_can_be_for_what_one_author_saved(guarded):
    turn = TURN | {"user_prompt": "A heron stands in the pond.", "session_id": "pond"}
    assert guarded.request("owner", "POST", "/api/v1/conversations", json=turn).status_code == 200
    for author in ("owner", "writer"):
        asked = {"query": "heron", "author": author, "min_relevance": "none"}
        found = guarded.request("reader", "POST", "/api/v1/search", json=asked).json()["results"]
        assert {one["author"] for one in found} == {author}
        assert any("heron" in one["content"] for one in found)


def test_where_no_token_is_required_one_that_is_shown_counts(
    postgres_server, migrated_template, tmp_path
):
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        with serving(settings_for(dsn, tmp_path)) as url:
            server = Guarded(url, tokens, "")
            server.request("writer", "POST", "/api/v1/conversations", json=TURN)
            for who, memories in ((None, 0), ("reader", 2)):
                assert server.request(who, "GET", "/api/v1/stats").json()["memories"] == memories
            for who in ("expired", "revoked", "unknown"):
                assert server.request(who, "GET", "/api/v1/stats").status_code == 401


def test_the_token_of_the_server_is_masked_in_what_is_saved_and_captured(guarded):
    """It has no form of its own: whoever can read a space would be let into the whole server."""
    said = f"I use {SERVER_TOKEN} for it"
    body = {"user_prompt": said, "assistant_response": "Noted.", "metadata": {"note": said}}
    saved = guarded.request("writer", "POST", "/api/v1/conversations", json=body).json()
    assert saved["masked"] == {"sage_token": 2}
    path = f"/api/v1/memories/{saved['memory_ids'][0]}"
    kept = guarded.request("reader", "GET", path).json()
    assert (kept["content"], kept["metadata"]["note"]) == ("I use [masked] for it",) * 2
    line = LINE | {"session_id": "captured", "content": said}
    body = {"client": "c", "memories": [line]}
    assert guarded.request("writer", "POST", "/api/v1/hooks/capture", json=body).status_code == 200
    kept = guarded.request("reader", "GET", "/api/v1/sessions/captured").json()["memories"]
    assert [one["content"] for one in kept] == ["I use [masked] for it"]


def test_what_was_forgotten_is_told_to_readers_and_shown_to_who_may_bring_it_back(guarded):
    body = {"user_prompt": "A stork came.", "assistant_response": "Noted.", "session_id": "storks"}
    saved = guarded.request("writer", "POST", "/api/v1/conversations", json=body).json()
    forgotten = saved["memory_ids"][0]
    guarded.request("writer", "POST", "/api/v1/forget", json={"memory_ids": [forgotten]})
    path, too = f"/api/v1/memories/{forgotten}", {"include_forgotten": True}
    assert guarded.request("reader", "GET", path, params=too).status_code == 403
    assert "A stork came." in guarded.request("writer", "GET", path, params=too).text
    asked = {"query": "stork", "memory_id": forgotten}
    told = guarded.request("reader", "POST", "/api/v1/search/locate", json=asked)
    assert told.json()["verdict"] == "forgotten"
    assert "A stork came." not in told.text
    stranger = guarded.request("foreign", "POST", "/api/v1/search/locate", json=asked)
    assert stranger.json() == {"verdict": "unknown"}

"""What the audit log knows of calls: who, what, where, which ids, how it ended; never the words."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from itertools import product

import asyncpg
import httpx
import pytest

from tests.support import plain_http
from tests.support.guarded import (
    BODIES,
    CALLS,
    MARK,
    READER,
    SECRET,
    SERVER_TOKEN,
    TURN,
    Guarded,
    guarded_routes,
    make_tokens,
)
from tests.support.live import new_database
from tests.support.polling import wait_for
from tests.support.serving import serving, settings_for


class Audited(Guarded):
    """A server, and what its audit log knows."""

    def recorded(self, action, **expected):
        """Wait for an event of an action and give the latest."""
        found = []

        def there():
            found[:] = self.rows("action = $1", action)
            return any(expected.items() <= row.items() for row in found)

        wait_for(there)
        return next(row for row in found if expected.items() <= row.items())

    def rows(self, condition="true", *values):
        async def read():
            conn = await asyncpg.connect(self.dsn)
            try:
                return await conn.fetch(
                    f"SELECT * FROM sage.audit WHERE {condition} ORDER BY at DESC", *values
                )
            finally:
                await conn.close()

        return [dict(row) for row in asyncio.run(read())]


@pytest.fixture(scope="module")
def audited(postgres_server, migrated_template, tmp_path_factory):
    with new_database(postgres_server, migrated_template) as dsn:
        tokens = asyncio.run(make_tokens(dsn))
        settings = settings_for(
            dsn, tmp_path_factory.mktemp("data"), token=SERVER_TOKEN, connector_tools=True
        )
        with serving(settings) as url:
            server = Audited(url, tokens, "")
            server.dsn = dsn
            saved = server.request("writer", "POST", "/api/v1/conversations", json=TURN)
            server.memory_id = saved.json()["memory_ids"][0]
            yield server


def route_name(path, method):
    names = {
        ("POST", "/api/v1/imports/files"): "hand_in_file",
        ("GET", "/api/v1/imports/files"): "list_files",
        ("GET", "/api/v1/imports/files/{import_id}"): "read_file",
        ("DELETE", "/api/v1/imports/files/{import_id}"): "stop_import",
        ("POST", "/api/v1/imports/files/{import_id}/start"): "start_import",
        ("POST", "/api/v1/imports"): "import_memories",
        ("GET", "/api/v1/imports"): "list_imports",
        ("GET", "/api/v1/imports/{import_id}"): "read_import",
        ("DELETE", "/api/v1/imports/{import_id}"): "undo_import",
        "/api/v1/stats": "get_memory_stats",
        "/api/v1/activity": "count_activity",
        "/api/v1/memories": "list_memories",
        "/api/v1/memories/{memory_id}": "read_memory",
        "/api/v1/memories/{memory_id}/correct": "correct_memory",
        ("POST", "/api/v1/memories/{memory_id}/confirm"): "confirm_memory",
        ("DELETE", "/api/v1/memories/{memory_id}/confirm"): "unconfirm_memory",
        "/api/v1/forgotten": "list_forgotten",
        "/api/v1/tidy/{kind}": "list_to_tidy",
        "/api/v1/given": "list_given",
        "/api/v1/not-useful": "list_not_useful",
        ("POST", MARK): "mark_not_useful",
        ("DELETE", MARK): "take_mark_back",
        "/api/v1/sessions": "list_sessions",
        "/api/v1/sessions/{session_id:path}": "read_session",
        "/api/v1/conversations": "save_conversation",
        "/api/v1/search": "search_memory",
        "/api/v1/search/locate": "locate_memory",
        "/api/v1/context": "get_context",
        "/api/v1/forget": "forget_memory",
        "/api/v1/hooks/recall": "recall",
        "/api/v1/hooks/capture": "capture",
        "/api/v1/hooks/forget": "forget_memory",
        "/api/v1/hooks/look-alike": "find_look_alike",
        "/api/v1/hooks/identities": "record_identities",
        "/api/v1/hooks/merge": "merge_projects",
        "/api/v1/projects": "list_projects",
        "/api/v1/projects/{name:path}": "read_project",
        "/api/v1/projects/move": "move_project",
        "/api/v1/projects/merge": "merge_projects",
    }
    return names.get((method, path)) or names.get(path, path.strip("/"))


MAY_FIND_NOTHING = {"recall", "list_to_tidy"}
NAMING_NOTHING = {"get_memory_stats", "count_activity", "list_forgotten", "list_not_useful"}


def test_every_route_is_recorded_with_who_where_which_ids_and_how_it_ended(audited):
    for method, path, role, body in guarded_routes():
        name = route_name(path, method)
        allowed = audited.request("owner", method, path, json=body)
        assert allowed.status_code == 200, path
        row = audited.recorded(name, token_name="owner", outcome="ok")
        assert (row["surface"], row["space"], row["origin"]) == ("rest", "team", "127.0.0.1"), path
        if name not in MAY_FIND_NOTHING:
            assert bool(row["ids"]) == (name not in NAMING_NOTHING), path
        assert row["id_count"] >= len(row["ids"])
        if role is not READER:
            assert audited.request("reader", method, path, json=body).status_code == 403
            refused = audited.recorded(name, token_name="reader", outcome="forbidden")
            assert refused["ids"] == []


async def test_every_tool_resource_and_prompt_is_recorded(audited):
    def recorded(*asked, **expected):
        return asyncio.to_thread(audited.recorded, *asked, **expected)

    async with audited.client("owner") as client, audited.client("reader") as reader:
        for name, (role, arguments) in CALLS.items():
            assert not (await client.call_tool(name, audited.filled(arguments))).is_error
            row = await recorded(name, surface="mcp", token_name="owner")
            assert (row["outcome"], row["space"], row["origin"]) == ("ok", "team", "127.0.0.1")
            assert bool(row["ids"]) == (name != "get_memory_stats"), name
            if role is not READER:
                assert (await reader.call_tool(name, audited.filled(arguments))).is_error
                await recorded(name, surface="mcp", token_name="reader", outcome="forbidden")
        assert (await client.call_tool("search_memory", {"query": ""})).is_error
        await recorded("search_memory", surface="mcp", outcome="invalid-input")
        await client.read_resource("sage://memory/session/birds")
        assert (await recorded("read_resource", token_name="owner"))["ids"]
        await client.get_prompt("auto_context_injection", {"query": "heron"})
        assert (await recorded("get_prompt", token_name="owner"))["space"] == "team"


def test_a_search_of_several_spaces_is_recorded_in_each_with_what_was_found_there(audited):
    turn = TURN | {"user_prompt": "A heron stands in the pond."}
    assert audited.request("several", "POST", "/api/v1/conversations", json=turn).is_success
    body = {"query": "heron", "min_relevance": "none", "space": "*"}
    found = audited.request("several", "POST", "/api/v1/search", json=body).json()["results"]
    for space in ("team", "private"):
        row = audited.recorded("search_memory", token_name="several", outcome="ok", space=space)
        ids = [one["memory_id"] for one in found if one["space"] == space]
        assert ids
        assert (row["ids"], row["id_count"], row["surface"]) == (ids, len(ids), "rest")
    many = audited.request("several", "POST", "/api/v1/search", json=body | {"query": ""})
    assert many.status_code == 422
    for space in ("team", "private"):
        audited.recorded("search_memory", outcome="invalid-input", space=space)


def test_refused_tokens_are_recorded_but_not_each(audited):
    for _ in range(20):
        assert audited.request("revoked", "POST", "/mcp").status_code == 401
    row = audited.recorded("message", outcome="token")
    assert (row["token_name"], row["origin"], row["surface"]) == (None, "127.0.0.1", "mcp")
    assert audited.request("reader", "GET", "/health/detailed").status_code == 403
    audited.recorded("detailed_health", outcome="forbidden", token_name="reader")
    audited.request("owner", "POST", "/api/v1/search", json={"query": "after all of them"})
    audited.recorded("search_memory", token_name="owner")
    assert len(audited.rows("outcome = 'token' AND action = 'message'")) == 1


def test_a_refused_attempt_is_recorded_with_the_route_or_tool_it_was_for(audited):
    for method, path, _, body in guarded_routes():
        assert audited.request(None, method, path, json=body).status_code == 401
        row = audited.recorded(route_name(path, method), outcome="token")
        assert (row["surface"], row["token_name"], row["ids"]) == ("rest", None, []), path
    for name, action in {
        **{("tools/call", tool): tool for tool in CALLS},
        ("resources/read", "sage://memory/session/whispered"): "read_resource",
        ("prompts/get", "auto_context_injection"): "get_prompt",
    }.items():
        head = dict(zip(("mcp-method", "mcp-name"), name, strict=True))
        assert plain_http.post(f"{audited.url}/mcp", headers=head).status_code == 401
        assert audited.recorded(action, outcome="token", surface="mcp")["ids"] == []
    for head in ({"mcp-name": "whispered"}, {"mcp-method": "whispered"}):
        assert plain_http.post(f"{audited.url}/mcp", headers=head).status_code == 401
    assert audited.request(None, "GET", "/whispered").status_code == 401
    audited.recorded("request", outcome="token")
    assert not audited.rows("action LIKE '%whispered%'")


def test_a_save_is_recorded_once_as_it_ended(audited):
    def saved(**more):
        turn = TURN | {"session_id": "once", "idempotency_key": "once"} | more
        return audited.request("several", "POST", "/api/v1/conversations", json=turn)

    def outcomes():
        return [
            row["outcome"]
            for row in audited.rows(
                "token_name = 'several' AND surface = 'rest' "
                "AND action = 'save_conversation' AND at > $1",
                began,
            )
        ]

    began = datetime.now(UTC)
    ids = saved().json()["memory_ids"]
    (row,) = audited.rows("at > $1 AND action = 'save_conversation'", began)
    assert (row["ids"], row["id_count"], row["origin"]) == (ids, 2, "127.0.0.1")
    assert (row["space"], row["outcome"]) == ("private", "ok")
    assert saved().json()["saved"] is False
    assert saved(user_prompt="Another.").status_code == 409
    audited.recorded("save_conversation", token_name="several", outcome="conflict")
    assert sorted(outcomes()) == ["conflict", "ok", "ok"]


def test_a_space_that_a_token_does_not_open_is_not_named_in_the_log(audited):
    body = BODIES["/api/v1/search"][1] | {"space": "a space of others"}
    assert audited.request("foreign", "POST", "/api/v1/search", json=body).status_code == 404
    row = audited.recorded("search_memory", token_name="foreign", outcome="not-found")
    assert row["space"] is None


def test_nothing_that_was_said_or_asked_is_in_the_log(audited):
    audited.request("owner", "POST", "/api/v1/search", json={"query": "whispered words"})
    audited.request("owner", "GET", "/api/v1/whispered-path?q=whispered")
    audited.recorded("request", token_name="owner")
    whole = json.dumps(audited.rows(), default=str)
    for said in (SECRET, "heron", "whispered", audited.tokens["owner"], SERVER_TOKEN):
        assert said not in whole


def test_sessions_are_recorded_by_a_digest_of_their_ids(audited):
    told = "My doctor says it is nothing"
    mark = f"session:{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    turn = TURN | {"session_id": told, "user_prompt": "It is nothing."}
    assert audited.request("owner", "POST", "/api/v1/conversations", json=turn).is_success
    audited.request("owner", "GET", "/api/v1/sessions")
    assert audited.request("owner", "GET", f"/api/v1/sessions/{told}").is_success
    forgetting = {"session_id": told}
    assert audited.request("owner", "POST", "/api/v1/forget", json=forgetting).is_success
    audited.recorded("forget_memory", ids=[mark])
    assert any(mark in row["ids"] for row in audited.rows("action = 'list_sessions'"))
    assert "doctor" not in json.dumps(audited.rows(), default=str)


def test_creating_and_revoking_tokens_is_recorded(audited):
    assert {row["ids"][0] for row in audited.rows("action = 'create_token'")} >= {"reader"}
    (revoked,) = audited.rows("action = 'revoke_token'")
    assert (revoked["surface"], revoked["ids"]) == ("cli", ["revoked"])
    assert revoked["origin"].startswith("account ")


def test_an_answer_does_not_wait_for_the_log(audited):
    """A lock on the table holds up the log and nobody else."""

    async def locked():
        conn = await asyncpg.connect(audited.dsn)
        async with conn.transaction():
            await conn.execute("LOCK TABLE sage.audit IN ACCESS EXCLUSIVE MODE")
            for _ in range(20):
                answer = await asyncio.to_thread(audited.request, "owner", "GET", "/api/v1/stats")
                assert answer.status_code == 200
        await conn.close()

    count = len(audited.rows("action = 'get_memory_stats'"))
    asyncio.run(locked())
    wait_for(lambda: len(audited.rows("action = 'get_memory_stats'")) >= count + 20)


def test_a_message_that_asks_for_no_answer_is_no_call_and_not_recorded(audited):
    versions = ("2025-11-25", "2026-07-28")
    for name, nothing in product(("forget_memory", "save_conversation"), ({}, {"id": None})):
        call = {"name": name, "arguments": audited.filled(CALLS[name][1])}
        message = {"jsonrpc": "2.0", "method": "tools/call", "params": call, **nothing}
        for version in versions:
            head = {"accept": "application/json, text/event-stream"}
            head |= {"mcp-protocol-version": version, "mcp-method": "tools/call", "mcp-name": name}
            head |= audited.headers("reader")
            answer = httpx.post(f"{audited.url}/mcp", json=message, headers=head, timeout=30)
            assert "result" not in answer.text, (name, nothing, version)
    assert audited.request("reader", "GET", "/api/v1/sessions").status_code == 200
    audited.recorded("list_sessions", token_name="reader")
    made_up = "token_name = 'reader' AND action IN ('forget_memory', 'save_conversation')"
    assert audited.rows(f"{made_up} AND outcome = 'ok'") == []

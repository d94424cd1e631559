"""Whatever comes in, it is the caller's fault or it works: never a failure of the server."""

import json
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sage.api.tools import CONTEXT, FORGET, SAVE, SEARCH, TOOLS

MODERN = {
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": "tools/call",
}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
NESTED = {"a": None}
for _ in range(40):
    NESTED = {"a": NESTED, "b": []}
POISONS = [
    *(None, True, 0, -1, 5, 2**63, 10**40, 10**4_000, 1.5, 1e308, float("nan"), float("-inf")),
    *("", " ", "\t\n", "x", "5", "true", "null", "[]", "{}", '{"a": "\\u0000"}', "[" * 2_000),
    *("\0", "a\0b", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "😀" * 5_000, "x" * 101_000),
    *("2026-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T25:00"),
    *("' OR 1=1; --", "%s %(x)s $1 \\", "../../etc/passwd", "a & | ! ( : *"),
    *([], [None], [[]], ["x"] * 2_000, {}, {"": ""}, {"a": float("inf")}, {"\0": 1}, {"\ud800": 1}),
    *([{}], [{"role": "user"}], [{"role": "user", "content": "\ud83d"}], {"role": 1}, NESTED),
]
ARGUMENTS = sorted({name for tool in TOOLS for name in tool.arguments.model_fields} | {"\ud800"})
ROUTES = {"conversations": SAVE, "search": SEARCH, "context": CONTEXT, "forget": FORGET}
poisons = st.sampled_from(POISONS) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
objects = st.dictionaries(st.sampled_from(ARGUMENTS) | st.text(max_size=20), poisons, max_size=6)
poisoned = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def check_refusal(answer):
    assert answer.status_code < 500, (answer.status_code, answer.text)
    if answer.status_code >= 400:
        assert answer.json()["hint"], answer.text


def check_tool_answer(answer):
    assert answer.status_code < 500, answer.text
    if answer.status_code == 200 and "result" in answer.json():
        result = answer.json()["result"]
        assert "internal error" not in result["content"][0]["text"]
        assert not result.get("isError") or "Fix: " in result["content"][0]["text"]


def call_tool(client, tool, arguments, era):
    headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    params = {"name": tool, "arguments": arguments}
    if era == "current":
        headers |= MODERN | {"mcp-name": tool}
        params |= {"_meta": META}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    return client.post("/mcp", content=body, headers=headers)


@pytest.mark.parametrize("path", ROUTES)
def test_each_poison_in_each_argument_of_a_route_is_refused_or_works(rest, path):
    for name in (*ROUTES[path].arguments.model_fields, "\ud800"):
        for poison in POISONS:
            good = {"query": "x"} if path in {"search", "context"} else {}
            body = json.dumps(good | {name: poison})
            headers = {"content-type": "application/json"}
            check_refusal(rest.post(f"/api/v1/{path}", content=body, headers=headers))


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
@pytest.mark.parametrize("era", ["current", "legacy"])
def test_each_poison_in_each_argument_of_a_tool_is_refused_or_works(rest, tool, era):
    for name in (*tool.arguments.model_fields, "\ud800"):
        for poison in POISONS:
            good = {"query": "x"} if tool in {SEARCH, CONTEXT} else {}
            check_tool_answer(call_tool(rest, tool.name, good | {name: poison}, era))


@poisoned
@given(arguments=objects, path=st.sampled_from(sorted(ROUTES)))
def test_any_object_sent_to_a_route_is_refused_or_works(sage_url, arguments, path):
    headers = {"content-type": "application/json"}
    url = f"{sage_url}/api/v1/{path}"
    check_refusal(httpx.post(url, content=json.dumps(arguments), headers=headers, timeout=30))


@poisoned
@given(body=st.binary(max_size=200), path=st.sampled_from(sorted(ROUTES)))
def test_any_bytes_sent_to_a_route_are_refused(sage_url, body, path):
    headers = {"content-type": "application/json"}
    answer = httpx.post(f"{sage_url}/api/v1/{path}", content=body, headers=headers, timeout=30)
    check_refusal(answer)


@poisoned
@given(
    arguments=objects,
    tool=st.sampled_from([tool.name for tool in TOOLS]),
    era=st.sampled_from(["current", "legacy"]),
)
def test_any_object_given_to_a_tool_is_refused_or_works(sage_url, arguments, tool, era):
    with httpx.Client(base_url=sage_url, timeout=30) as client:
        check_tool_answer(call_tool(client, tool, arguments, era))


@pytest.mark.parametrize("kind", ["memories", "sessions"])
@pytest.mark.parametrize(
    "name", ["%00", "%FF", "%ED%A0%80", "..", "%2e%2e%2f", "a" * 5_000, quote("猫"), "%", "%zz"]
)
def test_any_name_in_a_path_is_refused_or_works(rest, kind, name):
    answer = rest.get(f"/api/v1/{kind}/{name}")
    assert 400 <= answer.status_code < 500
    assert answer.json()["hint"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_declared_json_is_refused(rest, content_type):
    headers = {"content-type": content_type} if content_type else {}
    answer = rest.post("/api/v1/search", content=b'{"query": "x"}', headers=headers)
    assert answer.status_code == 400
    assert "content-type: application/json" in answer.json()["hint"]


def test_a_refused_conversation_leaves_nothing_behind(rest, session_id):
    messages = [{"role": "user", "content": f"part {number}"} for number in range(50)]
    messages.append({"role": "user", "content": "\0"})
    body = {"messages": messages, "session_id": session_id}
    assert rest.post("/api/v1/conversations", json=body).status_code == 422
    assert rest.get(f"/api/v1/sessions/{session_id}").status_code == 404

"""How large, deep and slow a body may be."""

import asyncio

import pytest

from sage.api.json_bounds import MAX_DEPTH, MAX_DIGITS, MAX_MARKS
from sage.api.middleware.body_limit import (
    MCP_LIMIT_BYTES,
    REST_LIMIT_BYTES,
    BodyLimit,
)
from tests.support.asgi import caller, echo


@pytest.fixture
async def client():
    async with caller(BodyLimit(echo, mcp_path="/mcp")) as opened:
        yield opened


async def chunks(total, size=64 * 1024):
    for start in range(0, total, size):
        yield b"x" * min(size, total - start)


@pytest.mark.parametrize(("path", "limit"), [("/a", REST_LIMIT_BYTES), ("/mcp", MCP_LIMIT_BYTES)])
async def test_a_body_may_be_as_large_as_the_limit_and_no_larger(client, path, limit):
    assert (await client.post(path, content=b"x" * limit)).status_code == 200
    for too_large in (b"x" * (limit + 1), chunks(limit + 1)):
        answer = await client.post(path, content=too_large)
        assert answer.status_code == 413
        assert answer.json()["hint"]


async def test_a_large_body_is_refused_by_its_header_before_it_is_read(client):
    async def never():
        raise AssertionError("the body was asked for")
        yield b""

    headers = {"content-length": str(10**9)}
    answer = await client.post("/a", content=never(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-5", "abc", "9" * 400])
async def test_a_nonsense_length_header_does_no_harm(client, length):
    answer = await client.post("/a", content=chunks(10), headers={"content-length": length})
    assert answer.status_code in {200, 413}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": \x00}',
        b"[" * (MAX_DEPTH + 1),
        b'{"a":' * 100_000,
        b'{"\\\\": ' + b"[" * (MAX_DEPTH + 1),
        b'{"a": ' + b"9" * (MAX_DIGITS + 1) + b"}",
    ],
)
async def test_bodies_that_no_parser_should_see_are_refused(client, body):
    answer = await client.post("/a", content=body)
    assert answer.status_code == 400
    assert answer.json()["field"] == "body"


async def test_a_body_of_more_values_than_any_call_has_is_not_parsed(client):
    assert (await client.post("/a", content=b"," * MAX_MARKS)).status_code == 200
    answer = await client.post("/a", content=b"," * (MAX_MARKS + 1))
    assert answer.status_code == 413
    assert "too many values" in answer.json()["detail"]


async def test_brackets_inside_strings_are_no_depth(client):
    body = b'{"text": "' + b"[{" * 500 + b"9" * (MAX_DIGITS + 1) + b'\\"[["}'
    answer = await client.post("/a", content=body)
    assert answer.status_code == 200
    assert answer.content == body


async def test_a_body_that_does_not_arrive_in_time_is_given_up():
    sent, gate = [], asyncio.Event()

    async def receive():
        await gate.wait()

    async def send(message):
        sent.append(message)

    guard = BodyLimit(echo, mcp_path="/mcp", deadline_s=0.05)
    scope = {"type": "http", "method": "POST", "path": "/a", "headers": []}
    await guard(scope, receive, send)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_caller_who_hangs_up_reaches_no_route():
    async def receive():
        return {"type": "http.disconnect"}

    async def unreachable(*_):
        raise AssertionError("the route was called")

    guard = BodyLimit(unreachable, mcp_path="/mcp")
    scope = {"type": "http", "method": "POST", "path": "/a", "headers": []}
    await guard(scope, receive, None)

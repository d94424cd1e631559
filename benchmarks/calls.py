"""The calls to time, as a client makes them; the number of a call selects its content."""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from benchmarks import corpus
from sage.cli.benchmark.latency import call_tool
from sage.clients.connect.server import MCP_PATH
from sage.errors import SageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mcp import Client

    from sage.cli.benchmark.server import RunningServer
    from sage.cli.benchmark.timing import Call

_TIMEOUT_S = 10
_SAVE = "save_conversation"
_PROTOCOL = "2026-07-28"
_HEADERS = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
    "mcp-protocol-version": _PROTOCOL,
    "mcp-method": "tools/call",
}
_META = {
    "io.modelcontextprotocol/protocolVersion": _PROTOCOL,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def mcp_request(
    tool: str, arguments: Mapping[str, object]
) -> tuple[dict[str, str], dict[str, object]]:
    """Return the headers and the body of a request that calls a tool."""
    params = {"name": tool, "arguments": arguments, "_meta": _META}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return {**_HEADERS, "mcp-name": tool}, body


def searching(client: Client) -> Call:
    """Return a call of `search_memory` over MCP, which raises SageError if it fails."""
    return _calling(client, "search_memory", lambda n: {"query": corpus.question(n), "n": 10})


def gathering(client: Client) -> Call:
    """Return a call of `get_context` over MCP, which raises SageError if it fails."""
    return _calling(client, "get_context", lambda n: {"query": corpus.question(n)})


def saving(client: Client) -> Call:
    """Return a call that saves two messages over MCP, and raises SageError if it fails."""
    return _calling(client, _SAVE, _exchange)


@contextmanager
def saving_without_sdk(server: RunningServer, token: str = "") -> Iterator[Call]:
    """Yield a call that sends the same as `saving`, without the client library of MCP.

    The difference is the time of the client library. `token` is sent with every call. The
    connection stays open until the block ends.
    """
    with closing(HTTPConnection(server.host, server.port, timeout=_TIMEOUT_S)) as connection:

        async def call(number: int) -> None:
            headers, request = mcp_request(_SAVE, _exchange(number))
            if token:
                headers["authorization"] = f"Bearer {token}"
            connection.request("POST", MCP_PATH, json.dumps(request), headers)
            answer = json.loads(connection.getresponse().read())
            if answer.get("result", {}).get("isError", True):
                raise SageError(f"{_SAVE} failed", detail=str(answer))

        yield call


@contextmanager
def getting(server: RunningServer, path: str) -> Iterator[Call]:
    """Yield a call that sends GET for a path, on a connection open until the block ends."""
    with closing(HTTPConnection(server.host, server.port, timeout=_TIMEOUT_S)) as connection:

        async def call(_number: int) -> None:
            connection.request("GET", path)
            connection.getresponse().read()

        yield call


def _exchange(number: int) -> Mapping[str, str]:
    return {
        "user_prompt": corpus.memory(2 * number).content,
        "assistant_response": corpus.memory(2 * number + 1).content,
        "session_id": f"talk {number // corpus.SESSION_TURNS}",
    }


def _calling(client: Client, tool: str, arguments: Callable[[int], Mapping[str, object]]) -> Call:
    async def call(number: int) -> None:
        await call_tool(client, tool, arguments(number))

    return call

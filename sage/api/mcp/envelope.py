"""Rejects large bodies that are not JSON-RPC messages before the MCP SDK reads them.

The SDK includes the whole body in its error, once for each kind of message: that takes longer than
handling the largest save.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic_core
from mcp_types import INVALID_REQUEST, jsonrpc_message_adapter
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LARGE_BYTES = 64 * 1024


class MessagesOnly:
    """Passes on JSON-RPC messages, and any small body; bodies must have been read completely."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        message = await receive()
        body = message.get("body", b"")
        if len(body) > _LARGE_BYTES and not _is_message(body):
            await _refusal()(scope, receive, send)
            return
        unread = [message]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        await self.app(scope, receive_again, send)


def _is_message(body: bytes) -> bool:
    try:
        jsonrpc_message_adapter.validate_python(pydantic_core.from_json(body), by_name=False)
    except ValueError:
        return False
    return True


def _refusal() -> JSONResponse:
    message = "the body is no JSON-RPC message. Fix: send one request with jsonrpc, id and method."
    error = {"code": INVALID_REQUEST, "message": message}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, status_code=400)

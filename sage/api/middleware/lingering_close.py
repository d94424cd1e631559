"""Closes a connection only after its client could read the response.

A response may be sent before the body was read: 401, 404, 413 and the like. A connection closed
with unread data in it is reset, and after a reset a client that is still sending cannot read the
response. So the rest of the body is read and discarded, within bounds, before the connection is
closed (as by `lingering_close` of nginx).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

DRAIN_LIMIT_BYTES = 64 * 1024 * 1024
DRAIN_DEADLINE_S = 10.0


class LingeringClose:
    """Sends `connection: close` with an early response, then reads the rest of the body."""

    def __init__(self, app: ASGIApp, *, deadline_s: float = DRAIN_DEADLINE_S) -> None:
        self.app = app
        self._deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        unread, lingers = True, False

        async def receive_noting() -> Message:
            nonlocal unread
            message = await receive()
            unread = message.get("more_body", False)
            return message

        async def send_noting(message: Message) -> None:
            nonlocal lingers
            if unread and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["connection"] = "close"
            elif unread and not message.get("more_body", False):
                lingers = True
                message = {**message, "more_body": True}
            await send(message)

        await self.app(scope, receive_noting, send_noting)
        if lingers:
            try:
                await self._drain(receive)
            finally:
                await send({"type": "http.response.body", "body": b""})

    async def _drain(self, receive: Receive) -> None:
        left = DRAIN_LIMIT_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(self._deadline_s):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body", False):
                        return


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"

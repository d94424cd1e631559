"""Reads a request's body completely before the application: bounded in size, depth and time.

The servers below have no such bounds: uvicorn waits for a slow body forever, and FastAPI reads a
body of 200 MB into memory.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from sage.api.json_bounds import MAX_DEPTH, MAX_DIGITS, find_excess
from sage.api.problems import ProblemResponse, problem_response
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REST_LIMIT_BYTES = 1024 * 1024
MCP_LIMIT_BYTES = 4 * 1024 * 1024
READ_DEADLINE_S = 15.0

_SPLIT = "split the call: save a long conversation in several calls with one session_id"
_SHORTEN = "omit what the request does not need"


class BodyLimit:
    """Answers 413 to large bodies, 400 to deep or undecodable ones, 408 to slow ones.

    `smaller` are the paths whose bodies may have fewer bytes than those of others; a body sent by
    POST to one that is `streamed` is bounded by its route, which reads it as a stream.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        mcp_path: str,
        smaller: Mapping[str, int] | None = None,
        streamed: Collection[str] = (),
        deadline_s: float = READ_DEADLINE_S,
    ) -> None:
        self.app = app
        self._mcp_path = mcp_path
        self._smaller = smaller or {}
        self._streamed = streamed
        self._deadline_s = deadline_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with its body read, or reject it."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"} or self._streams(scope):
            await self.app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        try:
            async with asyncio.timeout(self._deadline_s):
                body = await _read(scope, receive, limit)
        except TimeoutError:
            await too_slow(self._deadline_s)(scope, receive, send)
            return
        except _ClientDisconnected:
            return
        if body is None:
            hint = _SHORTEN if scope["path"] in self._smaller else _SPLIT
            too_large = _too_large(
                phrase("the body is larger than {limit:,} bytes", limit=limit), hint
            )
            await too_large(scope, receive, send)
        elif refusal := _refusal(body):
            await refusal(scope, receive, send)
        else:
            await self.app(scope, _Replay(body, receive), send)

    def _streams(self, scope: Scope) -> bool:
        return scope["method"] == "POST" and scope["path"] in self._streamed

    def _limit_of(self, path: str) -> int:
        if path.rstrip("/") == self._mcp_path:
            return MCP_LIMIT_BYTES
        return self._smaller.get(path, REST_LIMIT_BYTES)


class _ClientDisconnected(Exception):  # noqa: N818 - no error: the caller left and nobody waits for an answer
    """The client disconnected before its body was complete."""


class _Replay:
    """Replays the body, then receives what follows it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _read(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """Read the body; None if it is larger than `limit`, by its header or as it arrives."""
    if (declared_length(Headers(scope=scope)) or 0) > limit:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientDisconnected
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def declared_length(headers: Headers) -> int | None:
    """Return the length of a body by its header, in bytes; None if that is missing or invalid."""
    declared = headers.get("content-length", "")
    return int(declared[:20]) if declared.isdecimal() else None


def _refusal(body: bytes) -> ProblemResponse | None:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return _malformed(
            phrase("the body is not UTF-8 at byte {start}", start=error.start), "send UTF-8"
        )
    if b"\0" in body:
        return _malformed("the body contains a NUL byte", "send JSON in UTF-8")
    match find_excess(body):
        case "depth":
            return _malformed(
                phrase("the body is nested deeper than {most} levels", most=MAX_DEPTH),
                "flatten it",
            )
        case "values":
            return _too_large("the body contains too many values", _SPLIT)
        case "digits":
            detail = phrase("a number in the body has more than {most} digits", most=MAX_DIGITS)
            return _malformed(detail, "send it as text")
        case None:
            return None


def _malformed(detail: str, hint: str) -> ProblemResponse:
    return problem_response(
        400, "malformed", "The body cannot be read", detail=detail, hint=hint, field="body"
    )


def _too_large(detail: str, hint: str) -> ProblemResponse:
    return problem_response(
        413,
        "too-large",
        "The body is too large",
        detail=detail,
        hint=hint,
        field="body",
        headers={"connection": "close"},
    )


def too_slow(deadline_s: float) -> ProblemResponse:
    """Return the response for a body that does not arrive in time."""
    return problem_response(
        408,
        "too-slow",
        "The body did not arrive in time",
        detail=phrase(
            "the body was not complete after {seconds} s", seconds=format(deadline_s, "g")
        ),
        hint="send the call again",
        headers={"connection": "close"},
    )

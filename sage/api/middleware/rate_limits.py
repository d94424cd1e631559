"""Bounds how many requests a minute an address and a token may send."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from sage.access.authorization import current_principal
from sage.access.limits.client_address import subscriber_of
from sage.api.access import BY_OWNER
from sage.api.middleware.auth import PROBE_PATHS
from sage.api.problems import present_error, tell_error
from sage.errors import RateLimitError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.access.limits.token_buckets import TokenBuckets

MCP_CODE = -32000  # JSON-RPC leaves -32000 to -32099 to servers

_excess: ContextVar[RateLimitError | None] = ContextVar("excess", default=None)


def current_excess() -> RateLimitError | None:
    """Return why the MCP message at hand is refused; None where its token may go on."""
    return _excess.get()


class AddressLimit:
    """Answers 429 to an address that sends too much, but to probes and the owner."""

    def __init__(self, app: ASGIApp, *, buckets: TokenBuckets, mcp_path: str) -> None:
        self.app = app
        self._buckets = buckets
        self._mcp_path = mcp_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        exempt = scope["type"] != "http" or scope["path"] in PROBE_PATHS or scope.get(BY_OWNER)
        if exempt or not (wait_s := self._buckets.take(subscriber_of(scope["client_address"]))):
            await self.app(scope, receive, send)
            return
        error = _too_many("address", self._buckets, wait_s)
        is_mcp = scope["path"].rstrip("/") == self._mcp_path
        await (_as_json_rpc(error) if is_mcp else present_error(error))(scope, receive, send)


class TokenLimit:
    """Answers 429 to a token that sends too much, but to probes; over MCP, `current_excess` does.

    Who is let in without a token, on loopback, is not counted; nor is SAGE_TOKEN, whose holder
    could change the limit.
    """

    def __init__(self, app: ASGIApp, *, buckets: TokenBuckets, mcp_path: str) -> None:
        self.app = app
        self._buckets = buckets
        self._mcp_path = mcp_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        principal = current_principal()
        exempt = scope["type"] != "http" or scope["path"] in PROBE_PATHS
        exempt = exempt or principal.token is None or principal.admin
        if exempt or not (wait_s := self._buckets.take(str(principal.token))):
            await self.app(scope, receive, send)
            return
        error = _too_many("token", self._buckets, wait_s)
        if scope["path"].rstrip("/") != self._mcp_path:
            await present_error(error)(scope, receive, send)
            return
        noted = _excess.set(error)
        try:
            await self.app(scope, receive, send)
        finally:
            _excess.reset(noted)


def _too_many(sender: str, buckets: TokenBuckets, wait_s: float) -> RateLimitError:
    message = f"too many requests: this {sender} may send {buckets.per_minute:,} a minute"
    return RateLimitError(message, retry_in_s=wait_s)


def _as_json_rpc(error: RateLimitError) -> JSONResponse:
    """Answer an MCP message that was not read: clients pass the text of such an error on."""
    told = {"code": MCP_CODE, "message": tell_error(error)}
    return JSONResponse(
        {"jsonrpc": "2.0", "id": None, "error": told},
        status_code=429,
        headers={"retry-after": str(error.retry_after_s)},
    )

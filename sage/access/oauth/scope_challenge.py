"""Report to an app which scopes a call requires, so that it can request them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.access.oauth.addresses import OAuthUrls

_CODE = -32000  # JSON-RPC leaves -32000 to -32099 to servers

_reasons: ContextVar[list[str] | None] = ContextVar("reasons", default=None)


def ask_for_scopes(reason: str) -> None:
    """Answer the current HTTP request by 403 and all scopes, instead of its response."""
    if (reasons := _reasons.get()) is not None:
        reasons.append(reason)


class ScopeChallenge:
    """Answers 403 `insufficient_scope` to calls that need more than an app was allowed.

    Required by the MCP authorization specification (2025-11-25, runtime insufficient scope errors).
    """

    def __init__(self, app: ASGIApp, *, own: OAuthUrls) -> None:
        self.app = app
        self._challenge = own.challenge("insufficient_scope")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        reasons: list[str] = []
        token = _reasons.set(reasons)

        async def send_unless_refused(message: Message) -> None:
            if not reasons:
                await send(message)
            elif message["type"] == "http.response.start":
                await self._refusal(reasons[0])(scope, receive, send)

        try:
            await self.app(scope, receive, send_unless_refused)
        finally:
            _reasons.reset(token)

    def _refusal(self, reason: str) -> JSONResponse:
        """Return a response whose text clients show if they do not ask their user."""
        error = {"code": _CODE, "message": reason}
        return JSONResponse(
            {"jsonrpc": "2.0", "id": None, "error": error},
            status_code=403,
            headers={"www-authenticate": self._challenge},
        )

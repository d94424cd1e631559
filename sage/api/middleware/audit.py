"""Tells the audit log of every request but probes; what an MCP message does, it is told there."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from starlette.datastructures import Headers
from starlette.routing import Match

from sage.access.audit.event import MCP_ACTIONS, OK, AuditEvent, Surface, noting
from sage.api.connector import TOOL_NAMES
from sage.api.middleware.auth import PROBE_PATHS
from sage.api.problems import TRANSLATIONS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.bootstrap import Services

_FAILURE = HTTPStatus.INTERNAL_SERVER_ERROR
_OUTCOMES = {row.status: row.kind for row in TRANSLATIONS.values() if row.status < _FAILURE}
_OUTCOMES[HTTPStatus.UNAUTHORIZED] = "token"
_LEFT = "left"
_UNKNOWN = "request"


class AuditCalls:
    """Notes who called which route, and how that ended, unless the route has noted it itself.

    A request that was refused before it got to a route is noted with what it asked for.
    """

    def __init__(self, app: ASGIApp, *, mcp_path: str) -> None:
        self.app = app
        self._mcp_path = mcp_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in PROBE_PATHS:
            await self.app(scope, receive, send)
            return
        event = AuditEvent(Surface.REST, _UNKNOWN, scope["client_address"], outcome=_LEFT)

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start" and event.outcome == _LEFT:
                event.outcome = _outcome_of(message["status"])
            await send(message)

        try:
            with noting(event):
                await self.app(scope, receive, send_noting)
        finally:
            is_mcp = scope["path"].rstrip("/") == self._mcp_path
            if not is_mcp or event.outcome in _OUTCOMES.values():
                if "principal" in scope:
                    event.by(scope["principal"])
                if is_mcp:
                    event.surface, event.action = Surface.MCP, _message_in(scope)
                elif "route" in scope:
                    event.action = scope["route"].name
                elif event.action == _UNKNOWN:
                    event.action = _route_of(scope)
                cast("Services", scope["app"].state.services).audit.add(event)


def _message_in(scope: Scope) -> str:
    """Return which tool a refused message calls or what it reads, as far as its head tells."""
    headers = Headers(scope=scope)
    name = headers.get("mcp-name")
    return name if name in TOOL_NAMES else MCP_ACTIONS.get(headers.get("mcp-method", ""), "message")


def _route_of(scope: Scope) -> str:
    """Return the name or path of the route that a request is for, never what a client wrote."""
    for top in scope["app"].router.routes:
        for route in getattr(getattr(top, "original_router", None), "routes", [top]):
            match, found = route.matches(scope)
            if match != Match.NONE:
                return getattr(found["endpoint"], "__name__", None) or str(route.path)
    return _UNKNOWN


def _outcome_of(status: int) -> str:
    if status < HTTPStatus.BAD_REQUEST:
        return OK
    return _OUTCOMES.get(status, "failed" if status >= _FAILURE else "refused")

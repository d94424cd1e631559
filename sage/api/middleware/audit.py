"""Tells the audit log of every request but probes; what an MCP message does, it is told there."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from sage.api.middleware.auth import PROBE_PATHS
from sage.api.problems import TRANSLATIONS
from sage.audit.event import OK, AuditEvent, Surface, noting

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.bootstrap import Services

_FAILURE = HTTPStatus.INTERNAL_SERVER_ERROR
_OUTCOMES = {row.status: row.kind for row in TRANSLATIONS.values() if row.status < _FAILURE}
_OUTCOMES[HTTPStatus.UNAUTHORIZED] = "token"
_LEFT = "left"


class AuditCalls:
    """Notes who called which route, and how that ended, unless the route has noted it itself.

    A request that is refused has no route.
    """

    def __init__(self, app: ASGIApp, *, mcp_path: str) -> None:
        self.app = app
        self._mcp_path = mcp_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in PROBE_PATHS:
            await self.app(scope, receive, send)
            return
        event = AuditEvent(Surface.REST, "request", scope["client_address"], outcome=_LEFT)

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
                    event.surface, event.action = Surface.MCP, "message"
                elif "route" in scope:
                    event.action = scope["route"].name
                cast("Services", scope["app"].state.services).audit.add(event)


def _outcome_of(status: int) -> str:
    if status < HTTPStatus.BAD_REQUEST:
        return OK
    return _OUTCOMES.get(
        status, "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused"
    )

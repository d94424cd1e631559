"""Counts and times every request by its route."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from starlette.routing import Route

from sage.telemetry.metrics.catalog import HTTP_DURATION, HTTP_REQUESTS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_CLIENT_LEFT = 499


class RequestMetrics:
    """Measures requests. A client chooses no label: all paths without a route are one value."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._plain_paths: frozenset[str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began_at = time.perf_counter()
        status = _CLIENT_LEFT

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else _OTHER
            route = self._route_of(scope)
            HTTP_REQUESTS.inc(method, route, str(status))
            HTTP_DURATION.observe(time.perf_counter() - began_at, method, route)

    def _route_of(self, scope: Scope) -> str:
        """Return the template of the route; FastAPI does not note which of Starlette's it was."""
        if "route" in scope:
            return str(scope["route"].path_format)
        if "endpoint" not in scope:  # refused before, or there is no such route
            return _OTHER
        if self._plain_paths is None:
            routes = scope["app"].router.routes
            self._plain_paths = frozenset(r.path for r in routes if isinstance(r, Route))
        return scope["path"] if scope["path"] in self._plain_paths else _OTHER

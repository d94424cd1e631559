"""Provides the caller of the current request, and when they have disconnected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.call_context import CallContext, use_call_context

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class CallContextProvider:
    """Names the caller by their token, for code that shares work among callers or ends it.

    The body has to be read before it can be determined whether they disconnected.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        principal = scope.get("principal")
        if principal is None:
            await self.app(scope, receive, send)
            return

        async def wait_disconnected() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        with use_call_context(CallContext((principal.user, principal.token), wait_disconnected)):
            await self.app(scope, receive, send)

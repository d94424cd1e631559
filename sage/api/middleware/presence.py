"""Provides the caller of the current request, and when they have disconnected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.domain.presence import Presence, working_for

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class CallerPresence:
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

        async def left() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        with working_for(Presence((principal.user, principal.token), left)):
            await self.app(scope, receive, send)

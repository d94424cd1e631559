"""Limits the number of requests that are handled at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.api.middleware.auth import PROBE_PATHS
from sage.api.problems import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MAX_AT_ONCE = 256


class ConcurrencyLimit:
    """Answers 503 above the limit of concurrent requests; probes are always handled."""

    def __init__(self, app: ASGIApp, *, most_at_once: int = MAX_AT_ONCE) -> None:
        self.app = app
        self._free = most_at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request and count it while it is handled, or answer 503."""
        if scope["type"] != "http" or scope["path"] in PROBE_PATHS:
            await self.app(scope, receive, send)
            return
        if self._free <= 0:
            response = problem_response(
                503,
                "crowded",
                "Sage is busy",
                detail="too many requests are in progress",
                hint="send the call again in a second",
                headers={"retry-after": "1"},
            )
            await response(scope, receive, send)
            return
        self._free -= 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._free += 1

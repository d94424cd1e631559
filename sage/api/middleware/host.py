"""Rejects requests for other hosts and from foreign pages.

A page in a browser can make its own host name resolve to this machine (DNS rebinding); the Host and
Origin headers reveal that. MCP 2026-07-28 requires servers to check Origin and answer 403. A
request without a Host does not come from a browser: load balancers probe like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from sage.api.problems import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.api.access import AllowList


class TrustedHosts:
    """Answers 421 to a foreign Host, and 403 to a foreign Origin except on `public_paths`.

    Without a Host it also answers 421, except on `probe_paths`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: AllowList,
        origins: AllowList,
        public_paths: frozenset[str] = frozenset(),
        probe_paths: frozenset[str] = frozenset(),
    ) -> None:
        self.app = app
        self._hosts = hosts
        self._public_paths = public_paths
        self._probe_paths = probe_paths
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request, or reject it."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = headers.getlist("host")
            is_probe = not host and scope["path"] in self._probe_paths
            if not is_probe and (len(host) != 1 or host[0] not in self._hosts):
                response = problem_response(
                    421,
                    "host",
                    "Host not allowed",
                    detail="the host name in the Host header is not allowed",
                    hint="add the name to SAGE_ALLOWED_HOSTS if it is yours",
                )
                await response(scope, receive, send)
                return
            is_foreign = any(one not in self._origins for one in headers.getlist("origin"))
            if is_foreign and scope["path"] not in self._public_paths:
                response = problem_response(
                    403,
                    "origin",
                    "Origin not allowed",
                    detail="the origin in the Origin header is not trusted",
                    hint="add the origin to SAGE_ALLOWED_ORIGINS if it is yours",
                )
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

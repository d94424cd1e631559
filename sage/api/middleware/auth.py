"""Asks callers for the bearer token."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from sage.api.problems import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.api.problems import ProblemResponse

METRICS_PATH = "/metrics"
OPEN_PATHS = frozenset({"/health", "/health/liveness", "/health/readiness"})
PROBE_PATHS = OPEN_PATHS | {METRICS_PATH}
"""What programs ask for again and again: it is always let through and seldom logged."""
DOCUMENTATION_PATHS = frozenset({"/docs", "/openapi.json"})

_HINT = "send the header `Authorization: Bearer` followed by the value of SAGE_TOKEN"


class BearerAuth:
    """Answers 401 without the bearer token on every path that is not open, new routes included.

    Missing and wrong tokens get the same answer (RFC 6750). `scope["authorized"]` tells routes on
    open paths whether the caller showed the token, or none is needed.
    """

    def __init__(self, app: ASGIApp, *, token: str | None, open_paths: frozenset[str]) -> None:
        self.app = app
        self._digest = None if token is None else _digest(token.encode())
        self._open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["authorized"] = self._digest is None or self._shown(scope, self._digest)
        if scope["authorized"] or scope["path"] in self._open_paths:
            await self.app(scope, receive, send)
        elif _is_oauth_discovery(scope["path"]):
            await _no_oauth()(scope, receive, send)
        else:
            await _token_needed()(scope, receive, send)

    @staticmethod
    def _shown(scope: Scope, digest: bytes) -> bool:
        values = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(values) != 1:
            return False
        scheme, _, token = values[0].partition(b" ")
        return scheme.lower() == b"bearer" and hmac.compare_digest(_digest(token.strip()), digest)


def _is_oauth_discovery(path: str) -> bool:
    return path.startswith("/.well-known/") or path == "/register"


def _no_oauth() -> ProblemResponse:
    """Answer that there is no OAuth server: clients react to 401 by registering again."""
    return problem_response(
        404,
        "no-route",
        "Not Found",
        detail="Sage requires a bearer token; there is no OAuth server",
        hint=_HINT,
    )


def _token_needed() -> ProblemResponse:
    return problem_response(
        401,
        "token",
        "Authentication required",
        detail="the request carries no valid bearer token",
        hint=_HINT,
        headers={"www-authenticate": 'Bearer realm="sage"'},
    )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()

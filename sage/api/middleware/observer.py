"""Observes every request: its id, its log line, its metrics and its audit event."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import nullcontext
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Match, Route

from sage.access.audit.event import MCP_ACTIONS, OK, AuditEvent, Surface, noting
from sage.access.audit.log import EventSampler
from sage.access.authorization import NOBODY
from sage.api.connector import TOOL_NAMES
from sage.api.middleware.auth import PROBE_PATHS
from sage.api.problems import TRANSLATIONS, present_crash, problem_response
from sage.api.routes_at_path import routes_at
from sage.clients.connect.server import MCP_PATH
from sage.telemetry.logs import get_logger, request_id
from sage.telemetry.metrics.catalog import HTTP_DURATION, HTTP_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.bootstrap import Services

_ID_HEADER = "x-request-id"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_PATH_LOGGED = 200
_REFUSALS = frozenset({401, 403, 421, 429})
_SAMPLE_INTERVAL_S = 10.0
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"
_CLIENT_LEFT = 499
_FAILURE = HTTPStatus.INTERNAL_SERVER_ERROR
_OUTCOMES = {row.status: row.kind for row in TRANSLATIONS.values() if row.status < _FAILURE}
_OUTCOMES[HTTPStatus.UNAUTHORIZED] = "token"
_LEFT = "left"
_UNKNOWN = "request"

log = get_logger(__name__)


class RequestObserver:
    """Assigns every request an id, catches crashes, and records the outcome of the request.

    The id is the caller's X-Request-Id, or a new one; the response contains it. The log line has
    method, path, status and duration: no body, no header and no query, so that nothing a user said
    is logged. Probes are logged only at level DEBUG. Of rejected callers, who need no token to send
    thousands of requests, one in ten seconds is logged for each status; the same holds for invalid
    requests without a token. Metrics are by route. Clients cannot choose the value of a label: all
    paths without a route are one value. The audit event has the caller and the route, unless the
    route has recorded it itself. A request that was rejected before it reached a route is recorded
    with the path it requested. Probes have no event, nor have requests for a foreign host or from a
    foreign page; MCP messages have their own.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._sample = EventSampler(_SAMPLE_INTERVAL_S, clock)
        self._plain_paths: frozenset[str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 0
        wanted = Headers(scope=scope).get(_ID_HEADER, "")
        identifier = wanted if _ACCEPTED_ID.fullmatch(wanted) else uuid4().hex
        token = request_id.set(identifier)
        event = _begin_event(scope)

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[_ID_HEADER] = identifier
                headers["x-content-type-options"] = "nosniff"
                headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            with nullcontext() if event is None else noting(event):
                await self.app(scope, receive, send_noting)
        except asyncio.CancelledError:
            if not status:
                await stopping_response()(scope, receive, send_noting)
            raise
        except Exception:  # the last resort: a caller sees no internals
            log.exception("request_crashed")
            if not status:
                await present_crash()(scope, receive, send_noting)
        finally:
            took_s = time.perf_counter() - start
            self._write_line(scope, status, took_s)
            self._measure(scope, status, took_s)
            if event is not None:
                _record(event, scope, status)
            request_id.reset(token)

    def _write_line(self, scope: Scope, status: int, took_s: float) -> None:
        more = {}
        if _is_refusal(scope, status):
            suppressed = self._sample.take(status)
            if suppressed is None:
                return
            more["suppressed"] = suppressed
        write = log.debug if scope["path"] in PROBE_PATHS else log.info
        write(
            "request",
            method=scope["method"],
            path=scope["path"][:_MAX_PATH_LOGGED],
            status=int(status),  # an HTTPStatus, or a number
            duration_ms=round(took_s * 1000, 2),
            **more,
        )

    def _measure(self, scope: Scope, status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        route = self._route_of(scope)
        HTTP_REQUESTS.labels(method, route, str(int(status or _CLIENT_LEFT))).inc()
        HTTP_DURATION.labels(method, route).observe(took_s)

    def _route_of(self, scope: Scope) -> str:
        """Return the template of the route; FastAPI records none of Starlette's."""
        if "route" in scope:
            return str(scope["route"].path_format)
        if "endpoint" not in scope:  # rejected before, or there is no such route
            return _OTHER
        if self._plain_paths is None:
            routes = scope["app"].router.routes
            self._plain_paths = frozenset(r.path for r in routes if isinstance(r, Route))
        return scope["path"] if scope["path"] in self._plain_paths else _OTHER


def _is_refusal(scope: Scope, status: int) -> bool:
    is_wrong = HTTPStatus.BAD_REQUEST <= status < _FAILURE
    return status in _REFUSALS or (is_wrong and scope.get("principal") is NOBODY)


def _begin_event(scope: Scope) -> AuditEvent | None:
    if scope["path"] in PROBE_PATHS:
        return None
    return AuditEvent(Surface.REST, _UNKNOWN, scope.get("client_address", ""), outcome=_LEFT)


def _record(event: AuditEvent, scope: Scope, status: int) -> None:
    """Record a request that authentication or a route has handled, unless it was a message."""
    if status and event.outcome == _LEFT:
        event.outcome = _outcome_of(status)
    is_mcp = scope["path"].rstrip("/") == MCP_PATH
    if "principal" not in scope or (is_mcp and event.outcome not in _OUTCOMES.values()):
        return
    event.by(scope["principal"])
    if is_mcp:
        event.surface, event.action = Surface.MCP, _message_in(scope)
    elif "route" in scope:
        event.action = scope["route"].name
    elif event.action == _UNKNOWN:
        event.action = _asked_route(scope)
    cast("Services", scope["app"].state.services).audit.add(event)


def _message_in(scope: Scope) -> str:
    """Return the tool that a rejected message calls or what it reads, by its headers."""
    headers = Headers(scope=scope)
    name = headers.get("mcp-name")
    return name if name in TOOL_NAMES else MCP_ACTIONS.get(headers.get("mcp-method", ""), "message")


def _asked_route(scope: Scope) -> str:
    """Return the name or path of the route that a request is for, never text of the client.

    If no route has its method, it is the first of its path.
    """
    of_path = [*routes_at(scope)]
    fitting = [route for route in of_path if route.matches(scope)[0] == Match.FULL]
    for route in fitting or of_path:
        return getattr(route.endpoint, "__name__", None) or route.path
    return _UNKNOWN


def _outcome_of(status: int) -> str:
    if status < HTTPStatus.BAD_REQUEST:
        return OK
    return _OUTCOMES.get(status, "failed" if status >= _FAILURE else "refused")


def stopping_response() -> ASGIApp:
    """Return the response to a call that is not finished when Sage stops."""
    return problem_response(
        503,
        "stopping",
        "Sage is stopping",
        detail="the call was not finished when Sage had to stop",
        hint="send the call again when Sage is back",
        headers={"retry-after": "5", "connection": "close"},
    )

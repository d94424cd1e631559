"""Gives every request an id, writes one line about it, and keeps crashes inside."""

from __future__ import annotations

import asyncio
import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders

from sage.access.audit.sampling import Sample
from sage.access.authorization import NOBODY
from sage.api.middleware.auth import PROBE_PATHS
from sage.api.problems import present_crash, problem_response
from sage.telemetry.logs import get_logger, request_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ID_HEADER = "x-request-id"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_PATH_LOGGED = 200
_REFUSALS = frozenset({401, 403, 421, 429})
_SAMPLE_INTERVAL_S = 10.0

log = get_logger(__name__)


class RequestLog:
    """Takes the caller's X-Request-Id or makes one, and gives it back with the answer.

    The line holds method, path, status and duration: no body, no header and no query, so that
    nothing a user said gets into the log. Probes are written only at level DEBUG. Of refused
    callers, who need no token to send thousands, one in ten seconds is written for each status; so
    it is with what is wrong in requests without a token.
    """

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._sample = Sample(_SAMPLE_INTERVAL_S, clock)

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
            await self.app(scope, receive, send_noting)
        except asyncio.CancelledError:
            if not status:
                await stopping_response()(scope, receive, send_noting)
            raise
        except Exception:  # the last wall: a caller sees no internals
            log.exception("request_crashed")
            if not status:
                await present_crash()(scope, receive, send_noting)
        finally:
            took_s = time.perf_counter() - start
            if not _is_refusal(scope, status):
                _write_line(scope, status, took_s)
            elif (suppressed := self._sample.take(status)) is not None:
                _write_line(scope, status, took_s, suppressed=suppressed)
            request_id.reset(token)


def _is_refusal(scope: Scope, status: int) -> bool:
    is_wrong = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return status in _REFUSALS or (is_wrong and scope.get("principal") is NOBODY)


def _write_line(scope: Scope, status: int, took_s: float, **more: int) -> None:
    write = log.debug if scope["path"] in PROBE_PATHS else log.info
    write(
        "request",
        method=scope["method"],
        path=scope["path"][:_MAX_PATH_LOGGED],
        status=int(status),  # an HTTPStatus, or a number
        duration_ms=round(took_s * 1000, 2),
        **more,
    )


def stopping_response() -> ASGIApp:
    """Return the answer to a call that is not finished when Sage stops."""
    return problem_response(
        503,
        "stopping",
        "Sage is stopping",
        detail="the call was not finished when Sage had to stop",
        hint="send the call again when Sage is back",
        headers={"retry-after": "5", "connection": "close"},
    )

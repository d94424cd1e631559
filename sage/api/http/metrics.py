"""`/metrics` for Prometheus, on the port of Sage and on one of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from starlette.routing import Route

from sage.api.access import allowed_hosts, allowed_origins
from sage.api.middleware.auth import METRICS_PATH
from sage.api.middleware.host import TrustedHosts
from sage.api.problems import problem_response
from sage.config.values import is_loopback
from sage.phrases import phrase
from sage.telemetry.metrics.exposition import (
    CONTENT_TYPE,
    render_metrics,
    shares_with_workers,
)

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.bootstrap import Services
    from sage.config.server_settings import ServerSettings


class Metrics:
    """Serves all metrics; they are written in a thread, so that the event loop is not blocked."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answer 200, without the figures of a database that does not answer."""
        services = cast("Services", scope["app"].state.services)
        readings = await services.metrics.readings(is_worker=shares_with_workers())
        body = await asyncio.to_thread(render_metrics, readings)
        headers = [
            (b"content-type", CONTENT_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body}
        )


METRICS_ROUTE = Route(METRICS_PATH, Metrics(), methods=["GET"])


class MetricsPort:
    """Serves requests to the port for metrics, and passes on all others.

    That port requires no token, and serves nothing but metrics. The Host header is checked if the
    port is on loopback: elsewhere anyone who can reach the port may read the metrics directly.
    """

    def __init__(self, app: ASGIApp, *, server: ServerSettings) -> None:
        self.app = app
        self._port = server.metrics_port
        self._metrics: ASGIApp = _OnlyMetrics()
        if is_loopback(server.metrics_host):
            hosts, origins = allowed_hosts(server), allowed_origins(server)
            self._metrics = TrustedHosts(self._metrics, hosts=hosts, origins=origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        ours = scope["type"] == "http" and scope["server"][1] == self._port
        await (self._metrics if ours else self.app)(scope, receive, send)


class _OnlyMetrics:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != METRICS_PATH or scope["method"] not in {"GET", "HEAD"}:
            answer: ASGIApp = problem_response(
                404,
                "no-route",
                "Not Found",
                detail="this port serves metrics only",
                hint=phrase(
                    "GET {path}; everything else is on MCP_SERVER_PORT",
                    path=METRICS_PATH,
                ),
            )
        else:
            answer = Metrics()
        await answer(scope, receive, send)

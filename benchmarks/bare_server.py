"""A minimal server as a floor: one plain ASGI route, on the same web server as Sage."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sage.cli.benchmark.server import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from sage.cli.benchmark.server import RunningServer
    from sage.config.settings import Settings

_BODY = b'{"status":"healthy"}'


@asynccontextmanager
async def bare_server(settings: Settings) -> AsyncIterator[RunningServer]:
    """Serve the route on a free port until the block ends. Raises StartupError."""
    async with serving(settings, _build, "/") as server:
        yield server


def _build(_settings: Settings) -> ASGIApp:
    return _answer


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        for _ in range(2):
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _BODY})

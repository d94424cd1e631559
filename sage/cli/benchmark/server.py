"""A server as `sage serve` runs it, in a separate process."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import signal
import socket
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import psutil

from sage.api.http.app import create_app
from sage.api.server.uvicorn_server import serve_application
from sage.config.choices import LogLevel
from sage.errors import StartupError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp

    from sage.config.settings import Settings

_START_WAIT_S = 120.0
_STOP_WAIT_S = 15.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server on loopback."""

    host: str
    port: int
    pid: int

    @property
    def url(self) -> str:
        """Return its base URL."""
        return f"http://{self.host}:{self.port}"

    def resident_bytes(self) -> int:
        """Return the resident memory of its process, in bytes."""
        return int(psutil.Process(self.pid).memory_info().rss)


@asynccontextmanager
async def sage_server(settings: Settings) -> AsyncIterator[RunningServer]:
    """Run Sage on a free port until the block ends. Raises StartupError."""
    async with serving(settings, _build_sage, "/health/readiness") as server:
        yield server


@asynccontextmanager
async def serving(
    settings: Settings, build: Callable[[Settings], ASGIApp], ready_path: str
) -> AsyncIterator[RunningServer]:
    """Serve the application that `build` returns, on a free port, until the block ends.

    `build` is called in the process of the server. Raises StartupError if `ready_path` does not
    answer.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings = settings.model_copy(
        update={
            "server": settings.server.model_copy(update={"host": "127.0.0.1", "port": port}),
            "log": settings.log.model_copy(update={"level": LogLevel.ERROR}),
        }
    )
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(build, settings), daemon=True
    )
    process.start()
    try:
        server = RunningServer("127.0.0.1", port, process.pid or 0)
        await _until_ready(server, ready_path, process.is_alive)
        yield server
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, _STOP_WAIT_S)
        process.kill()
        await asyncio.to_thread(process.join)


async def _until_ready(server: RunningServer, path: str, lives: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_WAIT_S
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        while lives() and time.monotonic() < deadline:
            try:
                if (await client.get(path)).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(_POLL_S)
    raise StartupError(
        "the server to be measured did not start", hint="`sage doctor` shows the reason"
    )


def _serve(build: Callable[[Settings], ASGIApp], settings: Settings) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    serve_application(functools.partial(build, settings), settings)


def _end_with_parent() -> None:
    """Terminate this process when the benchmark has ended, even by kill -9."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _build_sage(settings: Settings) -> ASGIApp:
    return create_app(settings)

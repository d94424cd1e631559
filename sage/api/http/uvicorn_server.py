"""Puts an application on a port with uvicorn, and takes it off again in good order."""

from __future__ import annotations

import asyncio
import functools
import gc
import multiprocessing
import signal
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from sage.api.access import refuse_open_bind
from sage.api.http.bounded_protocol import BoundedHttpProtocol, max_connections
from sage.api.log_output import write_logs
from sage.errors import SageError, StartupError
from sage.logs import get_logger
from sage.service.checks.network import refused_bind

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.synchronize import Semaphore

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.config.settings import LogSettings, ServerSettings, Settings

_GRACE_S = 6
_KEEP_ALIVE_S = 75
_MAX_BACKLOG = 2048

log = get_logger(__name__)


def ignore_exception() -> None:
    """Ignore it."""


def serve_application(
    build: Callable[[], ASGIApp],
    settings: Settings,
    workers: int = 1,
    announce: Callable[[], None] = ignore_exception,
) -> None:
    """Serve what `build` builds until SIGTERM or SIGINT; then finish what runs, and return.

    `announce` is called once, when every worker has started. `build` must be picklable when there
    are several. Raises ConfigurationError when the bind is open to other machines without a token,
    StartupError when the port cannot be taken or a worker cannot start, and what the application
    raises when it starts.
    """
    refuse_open_bind(settings.server)
    write_logs(settings.log)
    with _listening_socket(settings.server) as listener:
        host, port = listener.getsockname()[:2]
        log.info("listening", host=host, port=port, workers=workers)
        if workers == 1:
            _serve_alone(
                StartupReporter(build(), functools.partial(freeze_garbage, announce)), listener
            )
        else:
            _serve_with_workers(build, settings.log, listener, workers, announce)
    log.info("stopped")


class StartupReporter:
    """An application that says when it has started; why it did not is told without a traceback."""

    def __init__(self, app: ASGIApp, announce: Callable[[], None] = ignore_exception) -> None:
        self.app = app
        self.failure: SageError | None = None
        self._announce = announce

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; on the way up and down, keep the failure."""
        if scope["type"] != "lifespan":
            with suppress(asyncio.CancelledError):  # a call cut off by the end, and told so
                await self.app(scope, receive, send)
            return
        failed = "lifespan.startup.failed"

        async def send_unless_failed(message: Message) -> None:
            nonlocal failed
            if message["type"].endswith(".failed"):
                failed = message["type"]
                return
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._announce()

        try:
            await self.app(scope, receive, send_unless_failed)
        except SageError as error:
            self.failure = error
            log.error("not_started", reason=error.message, detail=error.detail, hint=error.hint)  # noqa: TRY400 - expected
            await send({"type": failed, "message": ""})
        except Exception:  # told to the log, not to the user
            log.exception("lifespan_crashed")
            await send({"type": failed, "message": ""})


def freeze_garbage(announce: Callable[[], object]) -> None:
    """Leave what lives as long as the process out of every later search for garbage, and announce.

    Going through all of it held up every call for a tenth of a second, once in about 150 searches.
    """
    gc.collect()
    gc.freeze()
    announce()


def _serve_alone(app: StartupReporter, listener: socket.socket) -> None:
    server = uvicorn.Server(_config(app, workers=1))

    def stop(_signal: int, _frame: object) -> None:
        server.should_exit = True

    # uvicorn raises the signal once more when it is done: this keeps that from ending the process
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listener])
    except SystemExit:
        raise app.failure or _not_started() from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve_with_workers(
    build: Callable[[], ASGIApp],
    logs: LogSettings,
    listener: socket.socket,
    workers: int,
    announce: Callable[[], None],
) -> None:
    started = multiprocessing.get_context("spawn").Semaphore(0)
    factory = functools.partial(_worker_application, build, logs, started)
    supervisor = Multiprocess(_config(factory, workers=workers, factory=True), sockets=[listener])

    def announce_when_all_started() -> None:
        for _ in range(workers):
            started.acquire()
        announce()

    # a daemon: when a worker never starts there is nothing to announce, and nobody waits for it
    threading.Thread(target=announce_when_all_started, daemon=True).start()
    supervisor.run()
    if any(process.exitcode == STARTUP_FAILURE for process in supervisor.processes):
        raise _not_started()


def _worker_application(
    build: Callable[[], ASGIApp], logs: LogSettings, started: Semaphore
) -> ASGIApp:
    write_logs(logs)
    return StartupReporter(build(), functools.partial(freeze_garbage, started.release))


def _config(app: ASGIApp | Callable[[], ASGIApp], **more: Any) -> uvicorn.Config:  # noqa: ANN401
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedHttpProtocol,
        ws="none",
        interface="asgi3",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_backlog(),
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        **more,
    )


def _listening_socket(server: ServerSettings) -> socket.socket:
    """Take the port and listen, so that a second Sage finds it taken. Raises StartupError."""
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        return socket.create_server((server.host, server.port), family=family, backlog=_backlog())
    except OSError as error:
        refused = refused_bind(server.host, server.port, error)
        raise StartupError(refused.detail, hint=refused.hint) from error


def _backlog() -> int:
    """Return how many connections may wait to be accepted: all of them may be in one go."""
    return min(max_connections() // 2, _MAX_BACKLOG)


def _not_started() -> StartupError:
    return StartupError("Sage could not start", hint="the log lines above say why")

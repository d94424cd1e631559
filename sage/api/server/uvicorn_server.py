"""Serves an application on a port with uvicorn, and shuts it down in order."""

from __future__ import annotations

import asyncio
import functools
import gc
import multiprocessing
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from sage.api.access import refuse_open_bind
from sage.api.middleware.observer import stopping_response
from sage.api.server.bounded_protocol import BoundedHttpProtocol
from sage.api.server.graceful_server import GracefulServer
from sage.api.server.listeners import (
    backlog,
    bound_sockets,
    raise_descriptor_limit,
    unix_listener,
)
from sage.api.server.supervisor import Supervisor
from sage.clients.data_dir.server_socket import socket_path
from sage.config.child_environment import metrics_shared_in
from sage.config.log_output import write_logs
from sage.errors import SageError, StartupError
from sage.local.hangup import end_on_hangup
from sage.telemetry.logs import get_logger

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from multiprocessing.synchronize import Semaphore
    from types import FrameType

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sage.config.settings import LogSettings, Settings

_GRACE_S = 5
_KEEP_ALIVE_S = 75
_SWITCH_S = 0.0002
"""How long a thread may block the event loop, which waits for it many times in a request."""
_WORKER_START_S = 15  # a worker that is still importing does not answer its supervisor

log = get_logger(__name__)


def ignore_exception() -> None:
    """Ignore it."""


def serve_application(
    build: Callable[[], ASGIApp],
    settings: Settings,
    workers: int = 1,
    announce: Callable[[], None] = ignore_exception,
) -> None:
    """Serve the application that `build` returns until SIGTERM or SIGINT; then finish and return.

    `announce` is called once, when every worker has started. `build` must be picklable when there
    are several. Raises ConfigurationError when the bind is open to other machines without a token,
    StartupError when the port cannot be bound or a worker cannot start, and what the application
    raises when it starts.
    """
    refuse_open_bind(settings.server)
    raise_descriptor_limit()
    sys.setswitchinterval(_SWITCH_S)
    write_logs(settings.log)
    with ExitStack() as stack:
        listeners = [stack.enter_context(listener) for listener in bound_sockets(settings.server)]
        for listener in listeners:
            host, port = listener.getsockname()[:2]
            log.info("listening", host=host, port=port, workers=workers)
        own = stack.enter_context(unix_listener(settings.data_dir))
        if own is not None:
            listeners.append(own)
            log.info("listening", socket=socket_path(str(settings.data_dir)), workers=workers)
        if workers == 1:
            _serve_alone(
                StartupReporter(build()), listeners, settings.server.drain_seconds, announce
            )
        else:
            shared = stack.enter_context(tempfile.TemporaryDirectory(prefix="sage-metrics-"))
            stack.enter_context(metrics_shared_in(Path(shared)))
            _serve_with_workers(build, settings, listeners, workers, announce)
    log.info("stopped")


class StartupReporter:
    """An application that reports its start, and a failure to start without a traceback.

    SIGTERM and SIGINT interrupt a start: what was opened is closed, and nothing is announced.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.failure: SageError | None = None
        self._given_up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; store the failure of a start or a shutdown."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif self._given_up:
            await stopping_response()(scope, receive, send)
        else:
            with suppress(asyncio.CancelledError):  # a call aborted by the shutdown, with an error
                await self.app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        failed = "lifespan.startup.failed"

        async def send_unless_failed(message: Message) -> None:
            nonlocal failed
            if message["type"].endswith(".failed"):
                failed = message["type"]
                return
            if message["type"] == "lifespan.startup.complete":
                restore_signals()
            await send(message)

        life = asyncio.ensure_future(self.app(scope, receive, send_unless_failed))
        restore_signals = self._cancel_on_signals(life)
        try:
            await life
        except SageError as error:
            self.failure = error
            log.error("not_started", reason=error.message, detail=error.detail, hint=error.hint)  # noqa: TRY400 - expected
            await send({"type": failed, "message": ""})
        except asyncio.CancelledError:
            if not self._given_up:
                raise
        except Exception:  # logged, not shown to the user
            log.exception("lifespan_crashed")
            await send({"type": failed, "message": ""})

    def _cancel_on_signals(self, life: asyncio.Future[None]) -> Callable[[], None]:
        """Cancel a start on SIGTERM and SIGINT, after their handlers; return what undoes this."""
        if threading.current_thread() is not threading.main_thread():
            return ignore_exception
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

        def give_up(number: int, frame: FrameType | None) -> None:
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)
            self._given_up = True
            loop.call_soon_threadsafe(life.cancel)

        for number in before:
            signal.signal(number, give_up)

        def restore() -> None:
            for number, handler in before.items():
                signal.signal(number, handler)

        return restore


def freeze_garbage(announce: Callable[[], object]) -> None:
    """Exclude objects that live as long as the process from garbage collection, and announce.

    A full collection blocked every call for a tenth of a second, once in about 150 searches.
    """
    gc.collect()
    gc.freeze()
    announce()


def _serve_alone(
    app: StartupReporter,
    listeners: list[socket.socket],
    drain_s: float,
    announce: Callable[[], None],
) -> None:
    frozen = functools.partial(freeze_garbage, announce)
    server = GracefulServer(_config(app, workers=1), drain_s, frozen)

    def stop(_signal: int, _frame: object) -> None:
        server.should_exit = True

    # uvicorn raises the signal once more when it is done: this keeps that from ending the process
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=listeners)
    except SystemExit:
        raise app.failure or _not_started() from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve_with_workers(
    build: Callable[[], ASGIApp],
    settings: Settings,
    listeners: list[socket.socket],
    workers: int,
    announce: Callable[[], None],
) -> None:
    started = multiprocessing.get_context("spawn").Semaphore(0)
    factory = functools.partial(_worker_application, build, settings.log)
    config = _config(factory, workers=workers, factory=True)
    count = functools.partial(_count_worker, started)
    supervisor = Supervisor(config, listeners, settings.server.drain_seconds, count)

    def announce_when_all_started() -> None:
        for _ in range(workers):
            started.acquire()
        announce()

    # a daemon: when a worker never starts there is nothing to announce, and nobody waits for it
    threading.Thread(target=announce_when_all_started, daemon=True).start()
    supervisor.run()
    if not supervisor.stop_requested and any(
        process.exitcode == STARTUP_FAILURE for process in supervisor.processes
    ):
        raise _not_started()


def _count_worker(started: Semaphore) -> None:
    freeze_garbage(started.release)


def _worker_application(build: Callable[[], ASGIApp], logs: LogSettings) -> ASGIApp:
    write_logs(logs)
    sys.setswitchinterval(_SWITCH_S)
    end_on_hangup()
    return StartupReporter(build())


def _config(app: ASGIApp | Callable[[], ASGIApp], **more: Any) -> uvicorn.Config:  # noqa: ANN401 - options of uvicorn
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
        backlog=backlog(),
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
        timeout_worker_healthcheck=_WORKER_START_S,
        **more,
    )


def _not_started() -> StartupError:
    return StartupError("Sage could not start", hint="the log lines above say why")

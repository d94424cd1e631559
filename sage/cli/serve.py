"""`sage serve`."""

from __future__ import annotations

import functools
import time
from threading import Thread
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import configuration_of
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.config.value import COMMAND_LINE, DEFAULT
from sage.errors import InvalidInputError, SageError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from sage.cli.terminal.console import Console
    from sage.config.load import Configuration
    from sage.config.settings import Settings

_MAX_WORKERS = 64
_STDERR = 2
_READY_WAIT_S = 600.0  # a backup and migrations may come first
_READY_POLL_S = 0.5


@verb(
    "serve",
    argument(
        "--host",
        dest="MCP_SERVER_HOST",
        metavar="HOST",
        help="address to listen on (default: MCP_SERVER_HOST)",
    ),
    argument(
        "--port",
        dest="MCP_SERVER_PORT",
        metavar="PORT",
        help="port to listen on (default: MCP_SERVER_PORT)",
    ),
    argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="number of worker processes; each loads the model (default: %(default)s)",
    ),
    examples=("sage serve", "sage serve --port 18000 --data-dir ~/other-memory"),
)
def serve(args: Namespace, console: Console) -> int:
    """Run the HTTP server until SIGTERM or Ctrl-C, and then return 0."""
    return serve_configured(configuration_of(args), args.workers, console)


def serve_configured(read: Configuration, workers: int, console: Console) -> int:
    """Run the HTTP server with a configuration. Raises ConfigurationError."""
    from sage.api.http.app import create_app
    from sage.api.server.uvicorn_server import serve_application
    from sage.cli.start.claim import claimed
    from sage.cli.start.startup_log import Steps
    from sage.config.log_output import write_logs
    from sage.console.pages import ConsolePages as Pages
    from sage.local.data_dir.bounded_log import BoundedLog

    if not 1 <= workers <= _MAX_WORKERS:
        raise InvalidInputError(
            "--workers",
            phrase(
                "{field} must be from 1 to {most} (got {workers})",
                most=_MAX_WORKERS,
                workers=workers,
            ),
            hint="one is usually enough",
        )
    settings = _quiet_on_terminals(read, console)
    write_logs(settings.log)
    BoundedLog(settings.data_dir / "sage.log").keep_bounded(_STDERR)
    steps = Steps(console, settings.log.format)
    steps.warn_of(read.problems)
    if database := read.other_database():
        steps.done("database", database)
    with claimed(settings, was_named=read.origin("SAGE_DATA_DIR") == COMMAND_LINE):
        pages = Pages(settings.server) if settings.server.console else None
        serve_application(
            functools.partial(create_app, settings, read.fingerprint, pages),
            settings,
            workers,
            functools.partial(_announce, console, settings),
        )
    return OK


def _quiet_on_terminals(read: Configuration, console: Console) -> Settings:
    """Return the settings; on a terminal, only warnings are logged unless a level is set.

    Raises ConfigurationError.
    """
    from sage.config.choices import LogFormat, LogLevel

    settings = read.require_settings()
    if (
        settings.log.format is LogFormat.JSON
        or not console.err.isatty()
        or read.origin("SAGE_LOG_LEVEL") != DEFAULT
    ):
        return settings
    log_settings = settings.log.model_copy(update={"level": LogLevel.WARNING})
    return settings.model_copy(update={"log": log_settings})


def _settle_token(settings: Settings, address: Mapping[str, object]) -> None:
    """Once Sage answers, record a token for hooks in use, and capture queued conversations."""
    from sage.cli.connecting.space_token import ensure_default_token
    from sage.clients.hooks.launcher import resume_hooks
    from sage.local.http_probe import ask
    from sage.telemetry.logs import get_logger

    server, deadline = settings.server, time.monotonic() + _READY_WAIT_S
    while (failure := ask(server.host, str(server.port), "/health/readiness")) is not None:
        if time.monotonic() >= deadline:
            get_logger(__name__).warning("hooks_without_token", reason=failure)
            return
        time.sleep(_READY_POLL_S)
    try:
        ensure_default_token(settings)
    except (SageError, OSError) as error:
        get_logger(__name__).warning("hooks_without_token", reason=str(error))
    else:
        resume_hooks(settings.data_dir, address)


def _announce(console: Console, settings: Settings) -> None:
    from sage.api.access import required_token
    from sage.clients.hooks.capture.capture_report import read_captures
    from sage.clients.hooks.launcher import hook_address, resume_hooks
    from sage.config.choices import LogFormat
    from sage.local.address import mcp_url
    from sage.telemetry.logs import get_logger

    server = settings.server
    url = mcp_url(server)
    address = hook_address(server.host, server.port)
    resume_hooks(settings.data_dir, address)
    if required_token(server) is not None and read_captures(settings.data_dir).clients:
        # beside this thread, whose event loop answers
        Thread(target=_settle_token, args=(settings, address), daemon=True).start()
    if settings.log.format is LogFormat.JSON or not console.err.isatty():
        get_logger(__name__).info("ready", mcp_url=url)
        return
    console.note(*styled(phrase("Sage is ready: {url}", url=url), url=Style.READY))

"""`sage serve` and `sage mcp`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from sage.api.http.app import create_app
from sage.api.http.uvicorn_server import serve_application
from sage.api.mcp.server import MCP_PATH, run_stdio
from sage.cli.failures import OK
from sage.cli.running import configuration_of, settings_of
from sage.cli.startup_log import Steps
from sage.cli.stdin_signals import end_input_on_signals
from sage.config.paths import folder_of_sage
from sage.config.settings import LogFormat
from sage.errors import InvalidInputError
from sage.logs import get_logger
from sage.terminal.output import Style

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.config.settings import ServerSettings, Settings
    from sage.terminal.output import Console

_MAX_WORKERS = 64

log = get_logger(__name__)


def serve(args: Namespace, console: Console) -> int:
    """Run the HTTP server until it is told to stop by SIGTERM or Ctrl-C: both end it with 0."""
    if not 1 <= args.workers <= _MAX_WORKERS:
        raise InvalidInputError("--workers", f"is {args.workers}", hint=f"1 to {_MAX_WORKERS}")
    settings = settings_of(args, listens=True)
    Steps(console, settings.log.format).warn_of(configuration_of(args).problems)
    serve_application(
        functools.partial(create_app, settings),
        settings,
        args.workers,
        functools.partial(_announce, console, settings),
    )
    return OK


def speak_mcp(args: Namespace, _console: Console) -> int:
    """Speak MCP over standard input and output until the client closes it, or SIGTERM comes.

    A client starts it in whatever folder it has open: the files there are not Sage's.
    """
    settings = settings_of(args, folder=folder_of_sage())
    code = end_input_on_signals()
    run_stdio(settings)
    return code()


def _announce(console: Console, settings: Settings) -> None:
    url = _mcp_url(settings.server)
    if settings.log.format is LogFormat.JSON or not console.err.isatty():
        log.info("ready", mcp_url=url)
        return
    console.note(f"Sage is ready: {console.paint_note(url, Style.BOLD, Style.GOOD)}")


def _mcp_url(server: ServerSettings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(server.host, server.host)  # noqa: S104 - read
    place = f"[{host}]:{server.port}" if ":" in host else f"{host}:{server.port}"
    return (server.public_url or f"http://{place}").rstrip("/") + MCP_PATH

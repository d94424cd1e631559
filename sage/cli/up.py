"""`sage up`, `sage down` and `sage status`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import configured_instance
from sage.cli.verb import argument, verb
from sage.config.value import LAST_START
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "up",
    argument(
        "--port",
        dest="MCP_SERVER_PORT",
        metavar="PORT",
        help="port to listen on (default: MCP_SERVER_PORT, else the port of the last start)",
    ),
    argument("--detach", action="store_true", help="run in the background; otherwise until Ctrl-C"),
    argument(
        "--embedded",
        action="store_true",
        help="fail if the configuration sets a database of your own",
    ),
    examples=("sage up --detach", "sage up --port 17801 --data-dir ~/second-memory"),
    details="If Sage is already running, it keeps running, unless its directory was "
    "moved, or with --detach if another release is running: then it is restarted.",
)
def up(args: Namespace, console: Console) -> int:
    """Start Sage, unless it is running; return the exit code. Raises SageError."""
    from sage.cli.host import refuse_in_container
    from sage.cli.service import service_of
    from sage.cli.start.already_running import (
        end_if_moved,
        end_other_release,
        is_of_other_release,
        other_release,
        report_running,
        require_asked_for,
    )
    from sage.cli.start.process import exec_serve, run_start_checks, start_in_background
    from sage.cli.start.startup_log import Steps
    from sage.config.choices import LogFormat

    read, instance = configured_instance(args)
    settings = read.require_settings()
    if args.embedded and settings.database.dsn is not None:
        raise StartupError(
            "--embedded was given, but the configuration names another database",
            hint="unset DATABASE_URL and DB_*, or start without --embedded",
        )
    running = instance.running()
    if running is not None and end_if_moved(console, instance, running):
        running = None
    if running is not None:
        require_asked_for(running, settings, instance, port=bool(args.MCP_SERVER_PORT))
        if is_of_other_release(running):
            if not args.detach:
                raise other_release(instance, running)
            service = service_of(args, settings.data_dir)
            end_other_release(console, instance, running, service)
            running = instance.running()
    if running is None:
        refuse_in_container(settings.server)
        run_start_checks(settings)
        lock = instance.claim()
        if lock is not None:
            if args.detach:  # else `sage serve` writes them on the same terminal
                Steps(console, LogFormat.CONSOLE).warn_of(read.problems)
            if read.origin("MCP_SERVER_PORT") == LAST_START:
                console.note(phrase("on port {port}, as before", port=settings.server.port))
            run = start_in_background if args.detach else exec_serve
            return run(console, settings, instance, lock, _options(args))
        running = instance.running()
    asked_for = require_asked_for(running, settings, instance, port=bool(args.MCP_SERVER_PORT))
    report_running(console, settings, instance, asked_for)
    return OK


def _options(args: Namespace) -> list[str]:
    """Return the options that are passed on to `sage serve`."""
    options = {
        "--env-file": args.env_file and str(Path(args.env_file).absolute()),
        "--log-level": args.SAGE_LOG_LEVEL,
    }
    return [word for option, value in options.items() if value for word in (option, value)]


@verb("down", examples=("sage down", "sage down --data-dir ~/second-memory"))
def down(args: Namespace, console: Console) -> int:
    """Stop Sage, and a database it left behind; return the exit code. Raises StartupError."""
    from sage.cli.host import refuse_in_container
    from sage.cli.start.already_running import end
    from sage.config.server_settings import ServerSettings
    from sage.local.postgres import EmbeddedPostgres

    read, instance = configured_instance(args)
    running = instance.running()
    if running is None:
        refuse_in_container(read.settings.server if read.settings else ServerSettings())
    else:
        end(instance, running)
    if EmbeddedPostgres(instance.data_dir).end_abandoned():
        console.write(phrase("Sage was not running, but its PostgreSQL was: it has stopped"))
    else:
        console.write(phrase("Sage is not running" if running is None else "Sage has stopped"))
    return OK


@verb("status", examples=("sage status", "sage status --data-dir ~/second-memory"))
def status(args: Namespace, console: Console) -> int:
    """Report whether Sage runs and is ready: 0, or 1. Raises StartupError."""
    from sage.cli.host import serves_here
    from sage.clients.hooks.pausing import paused_until, state_text
    from sage.config.server_settings import ServerSettings
    from sage.local.address import mcp_url
    from sage.local.http_probe import ask

    read, instance = configured_instance(args)
    if end := paused_until(str(instance.data_dir)):
        console.write(
            phrase("hooks are {state}; `sage resume` resumes them", state=state_text(end))
        )
    server = read.settings.server if read.settings else ServerSettings()
    running = instance.running()
    if running is None and not serves_here(server):
        console.write(phrase("Sage is not running ({directory})", directory=instance.data_dir))
        return FAILED
    place = running or server
    where = phrase("pid {pid}", pid=running.pid) if running else phrase("in this container")
    failure = ask(place.host, str(place.port), "/health/readiness")
    if failure is None:
        url = mcp_url(server, running)
        console.write(phrase("Sage is ready: {url} ({where})", url=url, where=where))
        return OK
    console.write(
        phrase(
            "Sage is running ({where}), but is not ready: {trouble}", where=where, trouble=failure
        )
    )
    return FAILED

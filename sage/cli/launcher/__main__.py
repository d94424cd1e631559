"""Read what the start script was asked, and do it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import (
    BAD_CONFIGURATION,
    FAILED,
    INTERRUPTED,
    OK,
    report_failure,
    write_problems,
)
from sage.cli.launcher.instance import Instance
from sage.cli.launcher.report import mcp_url, write_report
from sage.cli.launcher.starting import (
    become_sage,
    refuse_what_cannot_work,
    serve_command,
    start_in_background,
    wait_until_ready,
)
from sage.cli.overrides import overrides_of
from sage.cli.startup_log import Steps
from sage.config.environment import terminal_variables
from sage.config.manager import read_configuration
from sage.config.settings import LogFormat
from sage.errors import SageError, StartupError
from sage.service.checks.http_probe import ask
from sage.terminal.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.launcher.instance import Running
    from sage.config.manager import Configuration

_STOP_WAIT_S = 30.0
_LOG_LINES = "200"


def main(argv: Sequence[str] | None = None) -> int:
    """Start (default), `--stop`, `--status` or `--logs`; give the exit code."""
    parser = argparse.ArgumentParser(prog="start-sage-mcp.sh", allow_abbrev=False)
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--port")
    parser.add_argument("--data-dir")
    parser.add_argument("--detach", action="store_true")
    parser.add_argument("--work", choices=("start", "stop", "status", "logs"), default="start")
    args = parser.parse_args(argv)
    console = Console.of_process(terminal_variables())
    read = read_configuration(overrides=overrides_of(args))
    instance = _instance(read, was_named=args.data_dir is not None)
    try:
        match args.work:
            case "start":
                return start(console, read, instance, args)
            case "stop":
                return stop(console, instance)
            case "status":
                return status(console, instance)
            case _:
                return logs(instance)
    except SageError as error:
        return report_failure(console, error)
    except KeyboardInterrupt:
        return INTERRUPTED


def start(
    console: Console, read: Configuration, instance: Instance, args: argparse.Namespace
) -> int:
    """Start Sage, or find it running; give the exit code. Raises StartupError."""
    settings = read.settings
    if settings is None:
        write_problems(console, read.problems)
        return BAD_CONFIGURATION
    if args.embedded and settings.database.dsn is not None:
        raise StartupError(
            "--embedded was asked for, but the configuration names another database",
            hint="unset DATABASE_URL and DB_*, or start without --embedded",
        )
    running = instance.running()
    if running is None:
        refuse_what_cannot_work(settings)
        lock = instance.claim()
        if lock is not None:
            if args.detach:  # else `sage serve` tells them on the same terminal
                Steps(console, LogFormat.CONSOLE).warn_of(read.problems)
            run = start_in_background if args.detach else become_sage
            return run(console, settings, instance, lock, serve_command(settings)) or OK
        running = instance.running()
    if running is None or (args.port and running.port != settings.server.port):
        where = "elsewhere" if running is None else f"on port {running.port}"
        raise StartupError(
            f"Sage already runs {where} with the data in {instance.data_dir}",
            hint="stop it with --stop, or start another beside it with another --data-dir",
        )
    trouble = wait_until_ready(console, running, lambda: instance.running() == running)
    if trouble is not None:
        raise StartupError(f"Sage runs (pid {running.pid}), but is not ready: {trouble}")
    console.note(f"Sage runs already (pid {running.pid})")
    write_report(console, settings, instance, running, detached=True)
    return OK


def stop(console: Console, instance: Instance) -> int:
    """End Sage and wait until it is gone; give the exit code. Raises StartupError."""
    running = instance.running()
    if running is None:
        console.write("Sage is not running")
    elif instance.end(running, wait_s=_STOP_WAIT_S):
        console.write("Sage has stopped")
    else:
        raise StartupError(
            f"Sage (pid {running.pid}) has not stopped after {_STOP_WAIT_S:.0f} seconds",
            hint=f"look at the log with --logs, or end it hard: kill -9 {running.pid}",
        )
    return OK


def status(console: Console, instance: Instance) -> int:
    """Return whether Sage runs and is ready: 0, or 1. Raises StartupError."""
    running = instance.running()
    if running is None:
        console.write(f"Sage is not running ({instance.data_dir})")
        return FAILED
    trouble = ask(running.host, str(running.port), "/health/readiness")
    console.write(_state(running, trouble))
    return OK if trouble is None else FAILED


def logs(instance: Instance) -> int:
    """Show the end of the log, and follow it on a terminal. Raises StartupError."""
    if not instance.log_file.is_file():
        raise StartupError(
            f"there is no log at {instance.log_file}",
            hint="only a Sage started with --detach writes one",
        )
    follow = ["-f"] if sys.stdout.isatty() else []
    os.execvp("tail", ["tail", "-n", _LOG_LINES, *follow, str(instance.log_file)])  # noqa: S606, S607 - the tail of this system


def _state(running: Running, trouble: str | None) -> str:
    if trouble is None:
        return f"Sage is ready: {mcp_url(running)} (pid {running.pid})"
    return f"Sage runs (pid {running.pid}), but is not ready: {trouble}"


def _instance(read: Configuration, *, was_named: bool) -> Instance:
    """Find the instance even when the rest of the configuration is wrong."""
    if read.settings is not None:
        return Instance(read.settings.data_dir, was_named=was_named)
    values = {value.variable: value.value for value in read.values}
    return Instance(Path(values["SAGE_DATA_DIR"]).expanduser().absolute(), was_named=was_named)


if __name__ == "__main__":
    sys.exit(main())

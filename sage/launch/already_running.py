"""A Sage that is running already, where one was to be started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.clients.start_report import write_report
from sage.errors import StartupError
from sage.launch.claim import database_of, running_already
from sage.launch.process import wait_until_ready

if TYPE_CHECKING:
    from sage.config.settings import Settings
    from sage.data_dir.instance import Instance, Running
    from sage.terminal.console import Console


def require_asked_for(
    running: Running | None, settings: Settings, instance: Instance, *, port: bool
) -> Running:
    """Return the running Sage; where a `port` was asked for, it has to be that of the settings.

    Raises StartupError if it is not the one that was asked for.
    """
    if running is None:
        raise running_already(instance, None)
    if running.database != database_of(settings):
        raise running_already(
            instance,
            running,
            f"it uses {running.database or 'the embedded database'}, and the configuration names "
            f"{database_of(settings) or 'the embedded database'}",
        )
    if port and running.port != settings.server.port:
        raise running_already(instance, running)
    return running


def report_running(
    console: Console, settings: Settings, instance: Instance, running: Running
) -> None:
    """Wait until a running Sage is ready, and report it. Raises StartupError."""
    trouble = wait_until_ready(console, running, lambda: instance.running() == running)
    if trouble is not None:
        raise StartupError(f"Sage is running (pid {running.pid}), but is not ready: {trouble}")
    console.note(f"Sage is already running (pid {running.pid})")
    write_report(console, settings, instance, running)

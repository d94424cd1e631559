"""Starting Sage while another one is running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.connecting.start_report import write_report
from sage.cli.start.claim import database_of, running_already
from sage.cli.start.process import wait_until_ready
from sage.clients.hooks.launcher import moved_from
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance, RunningInstance

_STOP_WAIT_S = 30.0


def require_asked_for(
    running: RunningInstance | None, settings: Settings, instance: Instance, *, port: bool
) -> RunningInstance:
    """Return the running Sage; a requested `port` must be that of the settings.

    Raises StartupError if it is not the requested one.
    """
    if running is None:
        raise running_already(instance, None)
    if running.database != database_of(settings):
        raise running_already(
            instance,
            running,
            phrase(
                "it uses {database}, and the configuration names {configured}",
                database=running.database or phrase("the embedded database"),
                configured=database_of(settings) or phrase("the embedded database"),
            ),
        )
    if port and running.port != settings.server.port:
        raise running_already(instance, running)
    return running


def end_if_moved(console: Console, instance: Instance, running: RunningInstance) -> bool:
    """Stop a running Sage whose directory was moved, since it cannot load its other files any more.

    Return whether it was stopped. Raises StartupError if it does not stop.
    """
    gone = moved_from(instance.data_dir)
    if not gone:
        return False
    console.note(phrase("{path} no longer exists, so Sage was moved: restarting it", path=gone))
    end(instance, running)
    return True


def end(instance: Instance, running: RunningInstance) -> None:
    """Stop a running Sage. Raises StartupError if it does not stop."""
    if not instance.end(running, wait_s=_STOP_WAIT_S):
        raise StartupError(
            phrase(
                "Sage (pid {pid}) has not stopped after {seconds:.0f} seconds",
                pid=running.pid,
                seconds=_STOP_WAIT_S,
            ),
            hint=phrase("look at the log with --logs, or kill it: kill -9 {pid}", pid=running.pid),
        )


def report_running(
    console: Console, settings: Settings, instance: Instance, running: RunningInstance
) -> None:
    """Wait until a running Sage is ready, and report it. Raises StartupError."""
    failure = wait_until_ready(console, running, lambda: instance.running() == running)
    if failure is not None:
        raise StartupError(
            phrase(
                "Sage is running (pid {pid}), but is not ready: {trouble}",
                pid=running.pid,
                trouble=failure,
            )
        )
    console.note(phrase("Sage is already running (pid {pid})", pid=running.pid))
    write_report(console, settings, instance, running)

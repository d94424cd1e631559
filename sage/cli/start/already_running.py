"""Starting Sage while another one is running."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sage.cli.connecting.start_report import write_report
from sage.cli.start.claim import database_of, release_here, running_already
from sage.cli.start.process import wait_until_ready
from sage.cli.views.program_name import command, data_dir_option
from sage.clients.hooks.launcher import moved_from
from sage.config.paths import own_folder
from sage.errors import StartupError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.autostart.manager import ServiceManager
    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance, RunningInstance

_STOP_WAIT_S = 30.0
_POLL_S = 0.1


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


def is_of_other_release(running: RunningInstance) -> bool:
    """Return whether a running Sage has other code than this one.

    Raises StartupError if it is newer, since this one could not read its database.
    """
    here = release_here()
    if running.release == here:
        return False
    if _schema_of(running.release) > _schema_of(here):
        raise StartupError(
            phrase("a newer release of Sage is running (pid {pid})", pid=running.pid),
            hint="start Sage from where that release is installed, or upgrade this one",
        )
    return True


def _schema_of(release: str) -> int:
    return int(release.split()[1]) if release else 0


def other_release(instance: Instance, running: RunningInstance) -> StartupError:
    """Return the error for a start in the foreground while another release is running."""
    up = "./start-sage-mcp.sh" if own_folder() is not None else command("up")
    return StartupError(
        phrase("another release of Sage is running (pid {pid})", pid=running.pid),
        hint=phrase(
            "`{command}` stops it and starts this one",
            command=f"{up} --detach{data_dir_option(instance)}",
        ),
    )


def end_other_release(
    console: Console, instance: Instance, running: RunningInstance, service: ServiceManager
) -> None:
    """Stop a running Sage of another release; if it is that of the service, start this one in it.

    Raises StartupError if it does not stop, or if this one does not start.
    """
    console.note(
        phrase(
            "another release of Sage is running (pid {pid}): stopping it and starting this one",
            pid=running.pid,
        )
    )
    if not service.restart():
        end(instance, running)
        return
    deadline = time.monotonic() + _STOP_WAIT_S
    while time.monotonic() < deadline:
        with suppress(StartupError):  # it is still starting
            if instance.running() not in {None, running}:
                return
        time.sleep(_POLL_S)
    raise StartupError(
        phrase("Sage was restarted as a service ({file}), and does not run", file=service.file),
        hint="look at its log: journalctl --user -u sage",
    )


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

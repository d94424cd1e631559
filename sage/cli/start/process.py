"""Run `sage serve`, in the background or in this process, and wait until it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from sage.cli.connecting.start_report import write_report
from sage.cli.start.claim import running_here
from sage.cli.terminal.console import Style, styled
from sage.cli.terminal.progress import Progress
from sage.cli.views.failures import write_error
from sage.domain.health import ReadinessState, Status
from sage.errors import StartupError
from sage.local.data_dir.upgrade_record import read_upgrade
from sage.local.http_probe import ProbeFailure, ask
from sage.operations.checks.checklist import CheckPhase, run_checks_sync
from sage.operations.checks.context import CheckContext
from sage.phrases import phrase
from sage.telemetry.logs import readable_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.local.data_dir.instance import Instance, RunningInstance
    from sage.local.data_dir.locks import FileLock

READY_WAIT_S = 180.0
_POLL_S = 0.05
_STOP_WAIT_S = 30.0
_SURE_AFTER_S = 1.0
_FAILED = 1


def run_start_checks(settings: Settings) -> None:
    """Run the checks of a start. Raises StartupError for the first that fails."""
    for _, result in run_checks_sync(CheckPhase.UP, CheckContext(settings=settings)):
        if result.status is Status.UNHEALTHY:
            raise StartupError(result.detail, hint=result.hint)


def start_in_background(
    console: Console,
    settings: Settings,
    instance: Instance,
    lock: FileLock,
    options: Sequence[str],
) -> int:
    """Start Sage in its own session and wait until it is ready; return the exit code.

    `options` are those of `sage serve` beside the ones derived from the settings.
    """
    began_at = time.time()
    log = instance.log.open()
    child = subprocess.Popen(  # noqa: S603 - our own program and checked settings
        serve_command(settings, options),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=(lock.fd,),
    )
    running = running_here(child.pid, settings, log=str(instance.log.path))
    try:
        instance.record(lock, running)
        lock.close()
        os.close(log)
        failure = wait_until_ready(console, running, lambda: child.poll() is None)
    except BaseException:  # after the message that Sage did not start, there is none
        child.terminate()
        child.wait()
        raise
    if failure is None:
        _report_upgrade(console, settings, began_at)
        write_report(console, settings, instance, running)
        return 0
    if child.poll() is None and failure.state == ReadinessState.FAILED:
        child.terminate()
        child.wait()
        _report_failure(console, failure, phrase("the log is {path}", path=instance.log.path))
        return _FAILED
    if child.poll() is None:
        console.note(
            phrase(
                "sage: not ready after {seconds:.0f} seconds: {trouble}",
                seconds=READY_WAIT_S,
                trouble=failure,
            )
        )
        console.note(
            "  ",
            phrase("it continues in the background; its log is {path}", path=instance.log.path),
        )
        return _FAILED
    console.note(
        phrase(
            "sage: Sage exited before it was ready. Last lines of {path}:", path=instance.log.path
        )
    )
    for line in instance.log.tail().splitlines():
        console.note(f"  {readable_line(line)}")
    return child.returncode or _FAILED


def exec_serve(
    console: Console,
    settings: Settings,
    instance: Instance,
    lock: FileLock,
    options: Sequence[str],
) -> NoReturn:
    """Replace this process by Sage; a helper process reports once Sage is ready."""
    running = running_here(os.getpid(), settings)
    instance.record(lock, running)
    helper = os.fork()
    if helper == 0:
        if os.fork() == 0:
            lock.close()
            _report_and_leave(console, settings, instance, running)
        os._exit(0)
    os.waitpid(helper, 0)
    os.set_inheritable(lock.fd, True)  # noqa: FBT003 - the argument takes no name
    command = serve_command(settings, options)
    os.execv(command[0], command)  # noqa: S606 - our own program and checked settings


def _report_and_leave(
    console: Console, settings: Settings, instance: Instance, running: RunningInstance
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    console.draws = False  # Sage writes its log to this terminal meanwhile
    began_at = time.time()

    def lives() -> bool:
        return instance.running() == running

    try:
        failure = wait_until_ready(console, running, lives)
        if failure is None:
            _report_upgrade(console, settings, began_at)
            write_report(console, settings, instance, running, foreground=True)
        elif failure.state == ReadinessState.FAILED and lives():
            instance.end(running, wait_s=_STOP_WAIT_S)
            _report_failure(console, failure, "")
    finally:
        os._exit(0)


def wait_until_ready(
    console: Console, running: RunningInstance, lives: Callable[[], bool]
) -> ProbeFailure | None:
    """Wait until Sage is ready; return None, or the problem at the timeout or when Sage exits.

    There is no timeout while it upgrades the database; the wait ends after a second of a failure
    that does not pass by itself.
    """
    patient_since = well_at = time.monotonic()
    failure: ProbeFailure | None = ProbeFailure("it did not answer")
    with Progress(console, "starting Sage") as progress:
        while lives() and time.monotonic() - patient_since < READY_WAIT_S:
            failure = ask(running.host, str(running.port), "/health/readiness")
            if failure is None and lives():
                break
            now = time.monotonic()
            state = failure.state if failure else ""
            if state == ReadinessState.UPGRADING and failure:
                patient_since = now
                progress.label = failure.reason
            if state != ReadinessState.FAILED:
                well_at = now
            elif now - well_at > _SURE_AFTER_S:
                break
            progress.advance()
            time.sleep(_POLL_S)
    return failure


def _report_upgrade(console: Console, settings: Settings, began_at: float) -> None:
    """Report the releases and the backup if this start has upgraded the database."""
    done = read_upgrade(settings.data_dir)
    if done is None or done.at < began_at or not done.text:
        return
    upgraded = phrase("{upgraded}: {text}", upgraded=phrase("upgraded"), text=done.text)
    console.note(*styled(upgraded, upgraded=Style.GOOD))
    if done.backup:
        console.note(
            "  ", phrase("the previous database is backed up in {backup}", backup=done.backup)
        )
    elif done.no_backup:
        console.note("  ", phrase("no backup was made first: {reason}", reason=done.no_backup))


def _report_failure(console: Console, failure: ProbeFailure, detail: str) -> None:
    reason = phrase("Sage cannot start: {reason}", reason=failure.reason)
    write_error(console, reason, detail, failure.hint)
    console.note("  ", phrase("Sage was stopped"))


def serve_command(settings: Settings, options: Sequence[str]) -> list[str]:
    """Return the command line of `sage serve` for these settings, with further options."""
    return [
        *(sys.executable, "-m", "sage", "serve"),
        *("--host", settings.server.host),
        *("--port", str(settings.server.port)),
        *("--data-dir", str(settings.data_dir)),
        *options,
    ]

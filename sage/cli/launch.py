"""Starting: refuse what cannot work in a line, then run `sage serve` and wait for readiness."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.launcher.instance import Running
from sage.cli.launcher.report import write_report
from sage.domain.health import Status
from sage.errors import StartupError
from sage.service.checks.checklist import Occasion, examine_now
from sage.service.checks.http_probe import ask
from sage.service.checks.subject import Subject
from sage.terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from sage.cli.launcher.instance import Instance
    from sage.config.settings import Settings
    from sage.terminal.console import Console

READY_WAIT_S = 180.0
_POLL_S = 0.05
_SHOWN_LOG_LINES = 12


def refuse_what_cannot_work(settings: Settings) -> None:
    """Make the checks of a start. Raises StartupError for the first that fails."""
    for _, result in examine_now(Occasion.UP, Subject(settings=settings)):
        if result.status is Status.UNHEALTHY:
            raise StartupError(result.detail, hint=result.hint)


def start_in_background(
    console: Console, settings: Settings, instance: Instance, lock: int, command: list[str]
) -> int:
    """Start Sage in a session of its own and wait until it is ready; give the exit code."""
    log = instance.open_log()
    log_begins = os.fstat(log).st_size
    child = subprocess.Popen(  # noqa: S603 - our own program and checked settings
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=(lock,),
    )
    running = Running(child.pid, settings.server.host, settings.server.port)
    instance.record(lock, running)
    os.close(lock)
    os.close(log)
    try:
        trouble = wait_until_ready(console, running, lambda: child.poll() is None)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        raise
    if trouble is None:
        write_report(console, settings, instance, running, detached=True)
        return OK
    if child.poll() is None:
        console.note(f"sage: not ready after {READY_WAIT_S:.0f} seconds: {trouble}")
        console.note(f"  it goes on in the background; its log is {instance.log_file}")
        return FAILED
    with instance.log_file.open("rb") as log_text:
        log_text.seek(log_begins)
        lines = log_text.read().decode(errors="replace").splitlines()
    console.note(f"sage: Sage ended before it was ready; the end of {instance.log_file}:")
    for line in lines[-_SHOWN_LOG_LINES:]:
        console.note(f"  {line}")
    return child.returncode or FAILED


def become_sage(
    console: Console, settings: Settings, instance: Instance, lock: int, command: list[str]
) -> None:
    """Turn this process into Sage; a small one beside it reports once Sage is ready."""
    running = Running(os.getpid(), settings.server.host, settings.server.port)
    instance.record(lock, running)
    helper = os.fork()
    if helper == 0:
        if os.fork() == 0:
            os.close(lock)
            _report_and_leave(console, settings, instance, running)
        os._exit(OK)
    os.waitpid(helper, 0)
    os.set_inheritable(lock, True)  # noqa: FBT003 - the argument takes no name
    os.execv(command[0], command)  # noqa: S606 - our own program and checked settings


def _report_and_leave(
    console: Console, settings: Settings, instance: Instance, running: Running
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    console.draws = False  # Sage writes its log to this terminal meanwhile
    lives = lambda: instance.running() == running  # noqa: E731 - read once, right here
    try:
        if wait_until_ready(console, running, lives) is None:
            write_report(console, settings, instance, running, detached=False)
    finally:
        os._exit(OK)


def wait_until_ready(console: Console, running: Running, lives: Callable[[], bool]) -> str | None:
    """Ask until Sage is ready; give None, or what was wrong at the end of patience or of Sage."""
    began = time.monotonic()
    trouble: str | None = "it did not answer"
    with Progress(console, "starting Sage") as progress:
        while lives() and time.monotonic() - began < READY_WAIT_S:
            trouble = ask(running.host, str(running.port), "/health/readiness")
            if trouble is None and lives():
                break
            progress.advance()
            time.sleep(_POLL_S)
    return trouble


def serve_command(settings: Settings) -> list[str]:
    """Return the command line of `sage serve` for these settings."""
    place = ["--host", settings.server.host, "--port", str(settings.server.port)]
    data_dir = ["--data-dir", str(settings.data_dir)]
    return [sys.executable, "-m", "sage", "serve", *place, *data_dir]

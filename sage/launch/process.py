"""Run `sage serve`, in the background or in this process, and wait until it is ready."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from sage.checks.checklist import Occasion, examine_now
from sage.checks.http_probe import ask
from sage.checks.subject import Subject
from sage.clients.start_report import write_report
from sage.domain.health import Status
from sage.errors import StartupError
from sage.launch.claim import running_here
from sage.logs import readable_line
from sage.terminal.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sage.config.settings import Settings
    from sage.data_dir.instance import Instance, Running
    from sage.data_dir.locks import FileLock
    from sage.terminal.console import Console

READY_WAIT_S = 180.0
_POLL_S = 0.05
_FAILED = 1


def refuse_what_cannot_work(settings: Settings) -> None:
    """Make the checks of a start. Raises StartupError for the first that fails."""
    for _, result in examine_now(Occasion.UP, Subject(settings=settings)):
        if result.status is Status.UNHEALTHY:
            raise StartupError(result.detail, hint=result.hint)


def start_in_background(
    console: Console,
    settings: Settings,
    instance: Instance,
    lock: FileLock,
    options: Sequence[str],
) -> int:
    """Start Sage in a session of its own and wait until it is ready; return the exit code.

    `options` are those of `sage serve` beside the ones that the settings make.
    """
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
        trouble = wait_until_ready(console, running, lambda: child.poll() is None)
    except BaseException:  # whoever is told that Sage did not start finds none
        child.terminate()
        child.wait()
        raise
    if trouble is None:
        write_report(console, settings, instance, running)
        return 0
    if child.poll() is None:
        console.note(f"sage: not ready after {READY_WAIT_S:.0f} seconds: {trouble}")
        console.note(f"  it goes on in the background; its log is {instance.log.path}")
        return _FAILED
    console.note(f"sage: Sage exited before it was ready. Last lines of {instance.log.path}:")
    for line in instance.log.tail().splitlines():
        console.note(f"  {readable_line(line)}")
    return child.returncode or _FAILED


def become_sage(
    console: Console,
    settings: Settings,
    instance: Instance,
    lock: FileLock,
    options: Sequence[str],
) -> NoReturn:
    """Turn this process into Sage; a small one beside it reports once Sage is ready."""
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
    console: Console, settings: Settings, instance: Instance, running: Running
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    console.draws = False  # Sage writes its log to this terminal meanwhile
    lives = lambda: instance.running() == running  # noqa: E731 - read once, right here
    try:
        if wait_until_ready(console, running, lives) is None:
            write_report(console, settings, instance, running, foreground=True)
    finally:
        os._exit(0)


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


def serve_command(settings: Settings, options: Sequence[str]) -> list[str]:
    """Return the command line of `sage serve` for these settings, with further options."""
    return [
        *(sys.executable, "-m", "sage", "serve"),
        *("--host", settings.server.host),
        *("--port", str(settings.server.port)),
        *("--data-dir", str(settings.data_dir)),
        *options,
    ]

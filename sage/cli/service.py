"""`sage service install`, `status` and `remove`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.autostart.definition import Start
from sage.cli.autostart.manager import service_manager
from sage.cli.failures import FAILED, OK
from sage.cli.open_services import settings_of
from sage.cli.verb import verb
from sage.clients.program_cache import require_permanent_program
from sage.phrases import as_phrase, phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.autostart.manager import ServiceManager
    from sage.cli.terminal.console import Console


@verb(
    "service install",
    summary="start Sage now and at every login",
    examples=("sage service install",),
)
def install(args: Namespace, console: Console) -> int:
    """Install the service and start it."""
    from sage.cli.start.already_running import end_other_release, is_of_other_release
    from sage.local.data_dir.instance import Instance

    require_permanent_program()
    settings = settings_of(args)
    manager, instance = service_of(args, settings.data_dir), Instance(settings.data_dir)
    running = instance.running()
    if running is not None and is_of_other_release(running):
        end_other_release(console, instance, running, manager)
    changed = manager.install()
    console.write(
        phrase(
            "Sage now starts at login ({file})"
            if changed
            else "nothing to change: Sage starts at login ({file})",
            file=manager.file,
        )
    )
    return OK


@verb(
    "service status",
    summary="report whether it runs: exit 0 or 1",
    examples=("sage service status",),
)
def status(args: Namespace, console: Console) -> int:
    """Report whether the service is installed and runs."""
    manager = _manager(args)
    problem = manager.problem()
    state = as_phrase(problem or phrase("running"))
    console.write(
        phrase("{name}: {state} ({file})", name=manager.name, state=state, file=manager.file)
    )
    return FAILED if problem else OK


@verb(
    "service remove",
    summary="stop Sage, and no longer start it at login",
    examples=("sage service remove",),
)
def remove(args: Namespace, console: Console) -> int:
    """Stop the service and remove it."""
    manager = _manager(args)
    removed = manager.remove()
    console.write(
        phrase("removed {file}", file=manager.file) if removed else phrase("nothing to remove")
    )
    return OK


def _manager(args: Namespace) -> ServiceManager:
    return service_of(args, settings_of(args).data_dir)


def service_of(args: Namespace, data_dir: Path) -> ServiceManager:
    """Return the service that starts Sage on a data directory. Raises StartupError."""
    env_file = ("--env-file", str(Path(args.env_file).absolute())) if args.env_file else ()
    command = (sys.executable, "-m", "sage", "up", "--data-dir", str(data_dir), *env_file)
    return service_manager(Start(command, data_dir / "sage.log"), Path.home())

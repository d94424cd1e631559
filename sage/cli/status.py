"""`sage status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.instance import configured_instance
from sage.cli.verb import verb
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb("status", examples=("sage status", "sage status --data-dir ~/second-memory"))
def status(args: Namespace, console: Console) -> int:
    """Report whether Sage runs and is ready: 0, or 1. Raises StartupError."""
    from sage.cli.connecting.start_report import mcp_url
    from sage.cli.host import serves_here
    from sage.clients.hooks.pausing import paused_until, state_text
    from sage.config.server_settings import ServerSettings
    from sage.local.http_probe import ask

    read, instance = configured_instance(args)
    if end := paused_until(str(instance.data_dir)):
        console.write(phrase("hooks are {state}; `sage resume` ends that", state=state_text(end)))
    server = read.settings.server if read.settings else ServerSettings()
    running = instance.running()
    if running is None and not serves_here(server):
        console.write(phrase("Sage is not running ({directory})", directory=instance.data_dir))
        return FAILED
    place = running or server
    where = phrase("pid {pid}", pid=running.pid) if running else phrase("in this container")
    trouble = ask(place.host, str(place.port), "/health/readiness")
    if trouble is None:
        url = mcp_url(server, running)
        console.write(phrase("Sage is ready: {url} ({where})", url=url, where=where))
        return OK
    console.write(
        phrase(
            "Sage is running ({where}), but is not ready: {trouble}", where=where, trouble=trouble
        )
    )
    return FAILED

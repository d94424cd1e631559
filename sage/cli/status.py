"""`sage status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.instance import configured_instance
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare that it takes nothing of its own."""
    parser.describe(status, examples=("sage status", "sage status --data-dir ~/second-memory"))


def status(args: Namespace, console: Console) -> int:
    """Report whether Sage runs and is ready: 0, or 1. Raises StartupError."""
    from sage.cli.connecting.start_report import mcp_url
    from sage.clients.hooks.pausing import paused_until, state_text
    from sage.local.http_probe import ask

    _, instance = configured_instance(args)
    if end := paused_until(str(instance.data_dir)):
        console.write(phrase("hooks are {state}; `sage resume` ends that", state=state_text(end)))
    running = instance.running()
    if running is None:
        console.write(phrase("Sage is not running ({directory})", directory=instance.data_dir))
        return FAILED
    trouble = ask(running.host, str(running.port), "/health/readiness")
    if trouble is None:
        console.write(
            phrase(
                "Sage is ready: {url} (pid {pid})",
                url=mcp_url(running.host, running.port),
                pid=running.pid,
            )
        )
        return OK
    console.write(
        phrase(
            "Sage is running (pid {pid}), but is not ready: {trouble}",
            pid=running.pid,
            trouble=trouble,
        )
    )
    return FAILED

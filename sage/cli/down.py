"""`sage down`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.instance import configured_instance
from sage.cli.verb import verb
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb("down", examples=("sage down", "sage down --data-dir ~/second-memory"))
def down(args: Namespace, console: Console) -> int:
    """End Sage, and a database it left behind; give the exit code. Raises StartupError."""
    from sage.cli.start.already_running import end
    from sage.local.postgres import EmbeddedPostgres

    _, instance = configured_instance(args)
    running = instance.running()
    if running is not None:
        end(instance, running)
    if EmbeddedPostgres(instance.data_dir).end_abandoned():
        console.write(phrase("Sage was not running, but its PostgreSQL was: it has stopped"))
    else:
        console.write(phrase("Sage is not running" if running is None else "Sage has stopped"))
    return OK

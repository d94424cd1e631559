"""`sage resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.host import require_host
from sage.cli.instance import configured_instance
from sage.cli.verb import verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb("resume", examples=("sage resume",))
def resume(args: Namespace, console: Console) -> int:
    """End a pause of the hooks. Raises StartupError, OSError."""
    from sage.clients.command.control import resumed

    require_host("resume")
    console.write(resumed(str(configured_instance(args)[1].data_dir)))
    return OK

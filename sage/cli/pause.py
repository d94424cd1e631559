"""`sage pause` and `sage resume`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.host import require_host
from sage.cli.open_services import configured_instance
from sage.cli.verb import argument, verb

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "pause",
    argument(
        "time",
        nargs="?",
        metavar="TIME",
        help="for how long, such as 30m, 2h, 1d or 1w (default: until `sage resume`)",
    ),
    examples=("sage pause 2h", "sage pause"),
    details="Messages sent during a pause are not captured later either, nor imported "
    "by `sage connect`; only `sage import` of the transcripts includes them. "
    "`sage resume` ends the pause.",
)
def pause(args: Namespace, console: Console) -> int:
    """Pause capture and recall by hooks of all clients. Raises SageError, OSError."""
    from sage.clients.command.control import paused

    require_host("pause", *([args.time] if args.time else ()))
    console.write(paused(str(configured_instance(args)[1].data_dir), args.time))
    return OK


@verb("resume", examples=("sage resume",))
def resume(args: Namespace, console: Console) -> int:
    """End a pause of the hooks. Raises StartupError, OSError."""
    from sage.clients.command.control import resumed

    require_host("resume")
    console.write(resumed(str(configured_instance(args)[1].data_dir)))
    return OK

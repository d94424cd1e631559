"""`sage logs`."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NoReturn

from sage.cli.failures import OK
from sage.cli.open_services import configured_instance
from sage.cli.verb import verb
from sage.config.child_environment import terminal_variables
from sage.errors import StartupError
from sage.phrases import phrase
from sage.telemetry.colours import wants_colours

if TYPE_CHECKING:
    from argparse import Namespace
    from typing import BinaryIO

    from sage.cli.terminal.console import Console

_LINES = 200
_TAIL_BYTES = 400_000
_POLL_S = 0.25


@verb(
    "logs",
    examples=("sage logs", "sage logs | grep request"),
    details="On a terminal the lines are formatted, and while Sage runs new ones are shown"
    " until Ctrl-C; otherwise they are printed unchanged.",
)
def logs(args: Namespace, console: Console) -> int:
    """Show the end of the log, and follow it on a terminal. Raises StartupError."""
    from sage.clients.data_dir.files import open_file
    from sage.config.container import is_own_image

    _, instance = configured_instance(args)
    running = instance.running()
    if running is not None and not running.log:
        raise StartupError(
            phrase(
                "Sage (pid {pid}) writes its log to the terminal it was started in", pid=running.pid
            ),
            hint="only a Sage started with --detach writes a file",
        )
    try:
        log = os.fdopen(open_file(instance.log.path, os.O_RDONLY), "rb")
    except OSError as error:
        raise StartupError(
            phrase("no log found at {path}", path=instance.log.path),
            hint="run `docker compose logs sage-mcp` on the host"
            if is_own_image()
            else "only a Sage started with --detach writes one",
        ) from error
    with log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
        lines = log.readlines()[-_LINES:]
        if not console.out.isatty():
            for line in lines:
                console.write_text(line.decode("utf-8", errors="replace"))
            return OK
        colours = wants_colours(console.out, terminal_variables())
        _write(console, lines, colours=colours)
        if running is not None:
            _follow(console, log, colours=colours)
        console.note(
            phrase(
                "Sage is not running; these are the last lines of {path}", path=instance.log.path
            )
        )
    return OK


def _write(console: Console, lines: list[bytes], *, colours: bool) -> None:
    from sage.telemetry.logs import readable_line

    for line in lines:
        text = line.decode("utf-8", errors="replace").rstrip("\n")
        console.write_text(f"{readable_line(text, colors=colours)}\n")
    console.flush()


def _follow(console: Console, log: BinaryIO, *, colours: bool) -> NoReturn:
    """Show added lines, until Ctrl-C. A rotated log is read from its beginning."""
    while True:
        time.sleep(_POLL_S)
        if os.fstat(log.fileno()).st_size < log.tell():
            log.seek(0)
        _write(console, log.readlines(), colours=colours)

"""`sage mcp`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.open_services import settings_of, with_database
from sage.cli.options import SPACE, chosen_space
from sage.cli.verb import verb
from sage.domain.caller import OWNER_OF_DEFAULT
from sage.local.signal_codes import INTERRUPTED

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "mcp",
    SPACE,
    examples=(
        "sage mcp",
        "claude mcp add --scope user sage -- sage mcp",
        "sage mcp --space team",
    ),
)
def mcp(args: Namespace, _console: Console) -> int:
    """Serve MCP over standard input and output until the client closes it, or SIGTERM."""
    from sage.access.accounts.spaces import SpaceFinder
    from sage.api.mcp.server import run_stdio
    from sage.api.mcp.stdin_signals import end_input_on_signals

    settings = settings_of(args)
    space = chosen_space(args, settings)
    owner = OWNER_OF_DEFAULT
    if space is not None:
        owner = with_database(args, lambda found: SpaceFinder(found).owner_of(space), settings)
    interrupted = end_input_on_signals()
    run_stdio(settings, owner)
    return INTERRUPTED if interrupted() else OK

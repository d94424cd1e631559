"""The option `--hooks`, alone or as `--hooks edits`, of both programs that connect clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.clients.connect.catalog import BY_NAME
from sage.errors import InvalidInputError

if TYPE_CHECKING:
    from argparse import Namespace

EDITS = "edits"
HELP = (
    "also set up hooks for capture and recall; with `edits`, also recall decisions "
    "about a file or command when it is used"
)


def resolve_hooks_option(args: Namespace) -> None:
    """Set `hooks` and `edits` from the option. Raises InvalidInputError.

    The name of a client as its value selects the client, as in releases without edits.
    """
    word = args.hooks
    args.edits = word == EDITS
    if isinstance(word, str) and word != EDITS:
        if word not in BY_NAME or args.client is not None:
            raise InvalidInputError(
                "--hooks",
                "the only value of {field} is `edits`",
                hint="pass --hooks, or --hooks edits",
            )
        args.client = word
    args.hooks = bool(word)

"""`sage help`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.verb import argument, verb
from sage.cli.verbs import VERBS

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


class _Verbs(tuple[str, ...]):
    """The verbs, for shell completion; unknown words are reported when help is shown."""

    __slots__ = ()

    def __contains__(self, _word: object) -> bool:
        return True


@verb(
    "help",
    argument(
        "verb", nargs="*", choices=_Verbs(VERBS), metavar="COMMAND", help="command to show help for"
    ),
    argument("--all", action="store_true", help="list all commands by group"),
    examples=("sage help search", "sage help config check", "sage help --all"),
)
def show_help(args: Namespace, console: Console) -> int:
    """Print the help of a verb, or the everyday verbs, or all."""
    from sage.cli.parsing import build_parser

    program = build_parser()
    if args.all:
        console.write_text(program.format_all())
        return OK
    shown: VerbParser = program
    for word in args.verb:
        shown = shown.find_verb(word)
    shown.declare()
    console.write_text(shown.format_help())
    return OK

"""`sage space`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.accounts.spaces import create_space, list_spaces, rename_space
from sage.cli.accounts import in_transaction, write_list
from sage.cli.failures import OK

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.terminal.console import Console

_HEADING = ("space", "memories", "tokens", "created")


def declare(parser: VerbParser) -> None:
    """Declare the verbs for spaces."""
    parser.add_verb("create", "create an empty space", _declare_create)
    parser.add_verb("list", "list the spaces, with how much each holds", _declare_list)
    parser.add_verb("rename", "rename a space; its tokens stay valid", _declare_rename)


def _declare_create(parser: VerbParser) -> None:
    parser.describe(create, examples=("sage space create team",))
    parser.add_argument("name", metavar="NAME", help="letters, digits, `-`, `_` and `.`")


def _declare_list(parser: VerbParser) -> None:
    parser.describe(show, examples=("sage space list", "sage space list --json"))
    parser.add_json()


def _declare_rename(parser: VerbParser) -> None:
    parser.describe(rename, examples=("sage space rename team herons",))
    parser.add_argument("name", metavar="NAME", help="name of the space")
    parser.add_argument("new_name", metavar="NEW_NAME", help="name to give it")


def create(args: Namespace, console: Console) -> int:
    """Create a space."""
    in_transaction(args, lambda conn: create_space(conn, args.name))
    console.write(f"created the space {args.name}")
    return OK


def show(args: Namespace, console: Console) -> int:
    """List the spaces."""
    return write_list(
        args,
        console,
        in_transaction(args, list_spaces),
        _HEADING,
        lambda one, clock: (
            one.name,
            f"{one.memories:,}",
            f"{one.tokens:,}",
            clock(one.created_at),
        ),
    )


def rename(args: Namespace, console: Console) -> int:
    """Rename a space."""
    in_transaction(args, lambda conn: rename_space(conn, args.name, args.new_name))
    console.write(f"renamed the space {args.name} to {args.new_name}")
    return OK

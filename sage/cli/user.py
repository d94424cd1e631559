"""`sage user`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.accounts import in_transaction, write_list
from sage.cli.failures import OK
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console


def declare(parser: VerbParser) -> None:
    """Declare the verbs for users."""
    parser.add_verb("add", "add a user, to create tokens for", _declare_add)
    parser.add_verb("list", "list the users", _declare_list)
    parser.add_verb(
        "remove",
        "remove a user and revoke all their tokens; what they saved stays",
        _declare_remove,
    )


def _declare_add(parser: VerbParser) -> None:
    parser.describe(add, examples=("sage user add anna",))
    parser.add_argument("name", metavar="NAME", help="letters, digits, `-`, `_` and `.`")


def _declare_list(parser: VerbParser) -> None:
    parser.describe(show, examples=("sage user list",))
    parser.add_json()


def _declare_remove(parser: VerbParser) -> None:
    parser.describe(remove, examples=("sage user remove anna",))
    parser.add_argument("name", metavar="NAME", help="name of the user")


def add(args: Namespace, console: Console) -> int:
    """Add a user."""
    from sage.access.accounts.users import add_user

    in_transaction(args, lambda conn: add_user(conn, args.name))
    console.write(phrase("added the user {name}", name=args.name))
    return OK


def show(args: Namespace, console: Console) -> int:
    """List the users."""
    from sage.access.accounts.users import list_users
    from sage.cli.views.accounts import USERS, user_row

    return write_list(args, console, in_transaction(args, list_users), USERS, user_row)


def remove(args: Namespace, console: Console) -> int:
    """Remove a user."""
    from sage.access.accounts.users import remove_user

    in_transaction(args, lambda conn: remove_user(conn, args.name))
    console.write(phrase("removed the user {name}; their tokens are revoked", name=args.name))
    return OK

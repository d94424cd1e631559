"""`sage user`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.accounts import in_transaction, write_list
from sage.cli.failures import OK
from sage.cli.options import JSON
from sage.cli.verb import argument, verb
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.access.accounts.users import User
    from sage.cli.accounts import Clock
    from sage.cli.terminal.console import Console

_HEADING = ("user", "tokens", "last used", "added")


@verb(
    "user add",
    argument("name", metavar="NAME", help="letters, digits, `-`, `_` and `.`"),
    summary="add a user",
    examples=("sage user add anna",),
)
def add(args: Namespace, console: Console) -> int:
    """Add a user."""
    from sage.access.accounts.users import add_user

    in_transaction(args, lambda conn: add_user(conn, args.name))
    console.write(phrase("added the user {name}", name=args.name))
    return OK


@verb("user list", JSON, summary="list the users", examples=("sage user list",))
def show(args: Namespace, console: Console) -> int:
    """List the users."""
    from sage.access.accounts.users import list_users

    return write_list(args, console, in_transaction(args, list_users), _HEADING, _row)


@verb(
    "user remove",
    argument("name", metavar="NAME", help="name of the user"),
    summary="remove a user and revoke all their tokens; their memories remain",
    examples=("sage user remove anna",),
)
def remove(args: Namespace, console: Console) -> int:
    """Remove a user."""
    from sage.access.accounts.users import remove_user

    in_transaction(args, lambda conn: remove_user(conn, args.name))
    console.write(phrase("removed the user {name}; their tokens are revoked", name=args.name))
    return OK


def _row(one: User, clock: Clock) -> Sequence[str]:
    """Return the cells below the heading `_HEADING`."""
    return one.name, f"{one.tokens:,}", clock(one.last_used_at), clock(one.created_at)

"""`sage space`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.access.accounts.spaces import MASKING
from sage.cli.accounts import in_transaction, write_list
from sage.cli.erase import erase_and_report
from sage.cli.failures import FAILED, OK
from sage.cli.open_services import settings_of
from sage.cli.options import JSON, YES
from sage.cli.verb import argument, verb
from sage.domain.text.wording import counted
from sage.phrases import numbered, phrase
from sage.service.erasure.retention import OFF

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from sage.access.accounts.spaces import Space
    from sage.cli.accounts import Clock
    from sage.cli.terminal.console import Console

_HEADING = ("space", "memories", "tokens", "created", "retention", "masked")


@verb(
    "space create",
    argument("name", metavar="NAME", help="letters, digits, `-`, `_` and `.`"),
    summary="create an empty space",
    examples=("sage space create team",),
)
def create(args: Namespace, console: Console) -> int:
    """Create a space."""
    from sage.access.accounts.spaces import create_space

    in_transaction(args, lambda conn: create_space(conn, args.name))
    console.write(phrase("created the space {name}", name=args.name))
    return OK


@verb(
    "space list",
    JSON,
    summary="list the spaces and their sizes",
    examples=("sage space list", "sage space list --json"),
)
def show(args: Namespace, console: Console) -> int:
    """List the spaces."""
    from sage.access.accounts.spaces import list_spaces

    return write_list(args, console, in_transaction(args, list_spaces), _HEADING, _row)


@verb(
    "space rename",
    argument("name", metavar="NAME", help="name of the space"),
    argument("new_name", metavar="NEW_NAME", help="new name"),
    summary="rename a space; its tokens stay valid",
    examples=("sage space rename team herons",),
)
def rename(args: Namespace, console: Console) -> int:
    """Rename a space."""
    from sage.access.accounts.spaces import rename_space

    in_transaction(args, lambda conn: rename_space(conn, args.name, args.new_name))
    console.write(
        phrase("renamed the space {name} to {new_name}", name=args.name, new_name=args.new_name)
    )
    return OK


@verb(
    "space erase",
    argument("name", metavar="NAME", help="name of the space"),
    YES,
    JSON,
    summary="permanently delete a space, with a receipt",
    examples=("sage space erase team", "sage space erase team --yes --json"),
    details="Deletes its memories, its tokens and everything else that belongs to it; "
    "this cannot be undone. If interrupted, run it again. The space `default` "
    "is only emptied.",
)
def erase(args: Namespace, console: Console) -> int:
    """Delete a space for good."""
    from sage.service.erasure.target import ErasureTarget

    return erase_and_report(args, console, settings_of(args), ErasureTarget(args.name))


@verb(
    "space masking",
    argument("name", metavar="NAME", help="name of the space"),
    argument(
        "masking", choices=MASKING, metavar="|".join(MASKING), help="default: as SAGE_MASK_SECRETS"
    ),
    summary="set whether secrets are masked in a space",
    examples=("sage space masking team off",),
    details="This applies to what is saved from now on. What hooks capture is always masked.",
)
def masking(args: Namespace, console: Console) -> int:
    """Set whether secrets are masked in a space."""
    from sage.access.accounts.spaces import set_masking

    in_transaction(args, lambda conn: set_masking(conn, args.name, args.masking))
    console.write(phrase("masking in {name}: {masking}", name=args.name, masking=args.masking))
    return OK


@verb(
    "space retention",
    argument("name", metavar="NAME", help="name of the space"),
    argument(
        "time", metavar="TIME", help=phrase("days, such as 365d, or {off} (default)", off=OFF)
    ),
    YES,
    summary="set how long the memories of a space are kept",
    examples=("sage space retention team 365d", "sage space retention team off"),
    details="Every six hours, a running Sage permanently deletes older memories, forgotten or not.",
)
def retention(args: Namespace, console: Console) -> int:
    """Set the retention of the memories of a space."""
    from sage.cli.terminal.prompt import confirm
    from sage.service.erasure.retention import count_aged, read_days, set_retention

    days, settings = read_days(args.time), settings_of(args)
    kept = (
        phrase("always")
        if days is None
        else phrase("for {days}", days=counted(days, "day", "days"))
    )
    if days is not None and not args.yes:
        aged = in_transaction(args, lambda conn: count_aged(conn, args.name, days), settings)
        question = numbered(
            "{count:,} memory is older and will be deleted; keep memories {kept}",
            "{count:,} memories are older and will be deleted; keep memories {kept}",
            count=aged,
            kept=kept,
        )
        if not confirm(console, question):
            console.note(phrase("nothing was changed"))
            return FAILED
    in_transaction(args, lambda conn: set_retention(conn, args.name, days), settings)
    console.write(phrase("memories of {name} are kept {kept}", name=args.name, kept=kept))
    return OK


def _row(one: Space, clock: Clock) -> Sequence[str]:
    """Return the cells below the heading `_HEADING`."""
    return (
        one.name,
        f"{one.memories:,}",
        f"{one.tokens:,}",
        clock(one.created_at),
        phrase("always")
        if one.retention_days is None
        else counted(one.retention_days, "day", "days"),
        one.masking,
    )

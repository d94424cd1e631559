"""`sage erase`, and `sage space erase`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import settings_of, with_database
from sage.cli.options import JSON, YES, checked_option, chosen_space, space_option
from sage.cli.verb import argument, verb
from sage.domain.memories import DEFAULT_SPACE
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.config.settings import Settings
    from sage.service.erasure.target import ErasureTarget


@verb(
    "erase",
    argument(
        "--author", metavar="NAME", help="all that NAME saved; without --space also the user NAME"
    ),
    argument("--session", metavar="ID", help="all messages of a session"),
    space_option("only in this space", phrase("default for a session, all for an author")),
    argument(
        "--verify",
        metavar="RECEIPT",
        help="check the signature of a receipt, and that nothing of it has come back",
    ),
    YES,
    JSON,
    examples=(
        "sage erase --author anna",
        "sage erase --session tea --space team",
        "sage erase --verify receipts/9f0c2a52.json",
    ),
    details="Deletes from every table and index at once, and cannot be undone; `sage forget`"
    " can. `sage space erase` deletes a whole space. If it is interrupted, run it again. The"
    " signed receipt says what was deleted, and which backups made before still contain it.",
)
def erase(args: Namespace, console: Console) -> int:
    """Erase a session or an author, or check a receipt; exit with 1 if something came back."""
    from sage.cli.views.erasure import write_verified
    from sage.operations.erasing import verify_receipt
    from sage.service.erasure.target import ErasureTarget

    given = [args.author, args.session, args.verify]
    if sum(one is not None for one in given) != 1:
        raise InvalidInputError(
            "--author",
            "{field}: or --session or --verify: one is needed",
            hint="pass one of the three",
        )
    settings = settings_of(args)
    if args.verify is not None:
        work = partial(verify_receipt, settings=settings, path=Path(args.verify))
        receipt, returned = with_database(args, work, settings)
        write_verified(console, receipt, returned, as_json=args.json)
        return FAILED if returned else OK
    session = checked_option("--session", args.session)
    space = chosen_space(args, settings) or (DEFAULT_SPACE if session else None)
    author = checked_option("--author", args.author)
    return erase_and_report(args, console, settings, ErasureTarget(space, session, author))


def erase_and_report(
    args: Namespace, console: Console, settings: Settings, target: ErasureTarget
) -> int:
    """Erase a target once that is confirmed. Raises SageError."""
    from sage.cli.terminal.progress import Progress
    from sage.cli.terminal.prompt import can_ask, confirm
    from sage.cli.views.erasure import question, write_erased
    from sage.operations.erasing import erase_target, measured

    extent = with_database(args, partial(measured, target=target), settings)
    if not args.yes and not can_ask(console):
        raise InvalidInputError(
            "--yes",
            phrase("{field} is missing: this would {question}", question=question(target, extent)),
            hint="pass --yes",
        )
    if not (args.yes or confirm(console, question(target, extent))):
        console.note(phrase("nothing was erased"))
        return FAILED
    work = partial(erase_target, settings=settings, target=target, step=partial(Progress, console))
    path, receipt, removed = with_database(args, work, settings)
    write_erased(console, path, receipt, removed, as_json=args.json)
    return OK

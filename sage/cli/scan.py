"""`sage scan`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.open_services import settings_of, with_database
from sage.cli.options import JSON, YES
from sage.cli.verb import argument, verb
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "scan",
    argument(
        "--write", action="store_true", help="replace each of them with [masked]; cannot be undone"
    ),
    argument("--space", metavar="NAME", help="space to scan (default: all)"),
    YES,
    JSON,
    examples=("sage scan", "sage scan --space team --write"),
    details="Searches all memories, including forgotten ones, for passwords, tokens "
    "and keys, and lists which memories contain how many of each kind; the "
    "secrets themselves are never shown. Memories saved while "
    "SAGE_MASK_SECRETS is on contain none that Sage recognizes. If "
    "interrupted, what is masked stays masked; run it again to continue.",
)
def scan(args: Namespace, console: Console) -> int:
    """Find secrets in stored memories, and mask them if requested."""
    from sage.cli.scan_report import scan_and_report
    from sage.cli.terminal.prompt import confirm

    if args.write and not (args.yes or confirm(console, phrase("permanently mask all secrets"))):
        console.note(phrase("nothing was changed"))
        return FAILED
    settings = settings_of(args)
    manner = {"space": args.space, "mask": args.write, "as_json": args.json}
    known = settings.masking.known
    with_database(args, partial(scan_and_report, console, known=known, **manner), settings)
    return OK

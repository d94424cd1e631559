"""`sage forgotten`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.naming import session_of
from sage.cli.paging import PAGE, write_next
from sage.cli.verb import argument, verb
from sage.cli.views.program_name import as_called
from sage.cli.views.tidying import write_forgotten
from sage.domain.answer_json import to_json
from sage.domain.listing import ForgottenRequest
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console


@verb(
    "forgotten",
    argument("--session", metavar="ID", help="only of this session"),
    argument("--by", metavar="NAME", help="only what NAME forgot"),
    *PAGE,
    examples=("sage forgotten", "sage forgotten --session tea", "sage forgotten --json"),
)
def forgotten(args: Namespace, console: Console) -> int:
    """Print what is forgotten and until when it can be restored, the latest first."""
    memories = AskedMemories(args)
    session_id = session_of(memories, args.session)
    page = ForgottenRequest(args.limit, args.cursor, by=args.by, session_id=session_id)
    found = memories.ask(lambda there: there.list_forgotten(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for one in found.memories:
        write_forgotten(console, one, memories.timezone)
    if found.memories:
        console.note(as_called("to restore one: `sage forget --undo ID`"))
    else:
        console.note(phrase("nothing is forgotten"))
    options = {"--session": args.session, "--by": args.by}
    words = [word for name, value in options.items() if value for word in (name, value)]
    write_next(console, args, found.next_cursor, "forgotten", *words)
    return OK

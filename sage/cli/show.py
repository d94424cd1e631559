"""`sage show`."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.paging import add_page, read_page, write_next
from sage.cli.terminal.console import Style, styled
from sage.cli.views.memory import author, when_text
from sage.domain import limits
from sage.domain.answer_json import to_json
from sage.domain.listing import Session
from sage.domain.text.wording import one_line, printable
from sage.domain.validation import validate_text
from sage.errors import NoSpaceError, NotFoundError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console
    from sage.domain.memories import Memory


def declare(parser: VerbParser) -> None:
    """Declare what is shown."""
    parser.describe(
        show,
        examples=("sage show 0197f3c2-0000-7000-8000-000000000000", "sage show tea --limit 50"),
        details="The messages of a session are shown in order, one page at a time.",
    )
    parser.add_argument("id", metavar="ID", help="id of a memory or a session")
    add_page(parser)


def show(args: Namespace, console: Console) -> int:
    """Print a memory or a session whole."""
    validate_text("ID", args.id, limits.MAX_SESSION_ID_CHARS)
    page, asked = read_page(args), AskedMemories(args)
    try:
        found = asked.ask(lambda there: there.find(args.id, page))
    except NoSpaceError:
        raise
    except NotFoundError:
        raise NotFoundError(
            phrase("there is no memory or session {id}", id=repr(args.id)),
            hint="`sage sessions` and `sage list` show the ids there are",
        ) from None
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    memories = found.memories if isinstance(found, Session) else (found,)
    session = phrase("session {session}", session=one_line(memories[0].session_id))
    console.write(*styled(session, session=Style.NAME))
    for memory in memories:
        _write(console, memory, asked.timezone)
    if isinstance(found, Session):
        write_next(console, args, found.next_cursor, "show", args.id)
    return OK


def _write(console: Console, memory: Memory, timezone: tzinfo) -> None:
    """Write what was said, indented to pass for nothing else, and what is kept with it."""
    console.write()
    console.write(
        *author(memory),
        "  ",
        when_text(memory.created_at, timezone),
        "  ",
        (str(memory.memory_id), Style.FAINT),
        hang=2,
    )
    console.write_text(f"{indent(printable(memory.content).rstrip(), '  ')}\n")
    origin = phrase(
        "source {source} ({trust}), saved by {author}"
        if memory.author
        else "source {source} ({trust})",
        source=one_line(str(memory.source)),
        trust=memory.trust,
        author=one_line(memory.author or ""),
    )
    console.write((origin, Style.FAINT), hang=2)
    if memory.confirmed_at is not None:
        date = f"{memory.confirmed_at.astimezone(timezone):%Y-%m-%d}"
        console.write((phrase("still true on {date}", date=date), Style.FAINT), hang=2)
    if memory.metadata:
        metadata = json.dumps(dict(memory.metadata), ensure_ascii=False)
        console.write((one_line(metadata), Style.FAINT), hang=2)

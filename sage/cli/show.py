"""`sage show`."""

from __future__ import annotations

import json
from textwrap import indent
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.naming import find
from sage.cli.paging import PAGE, read_page, write_next
from sage.cli.terminal.console import Style, styled
from sage.cli.verb import argument, verb
from sage.cli.views.memory import author, when_text
from sage.domain.answer_json import to_json
from sage.domain.listing import Session
from sage.domain.short_ids import short_id
from sage.domain.text.wording import one_line, printable
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.memories import Memory


@verb(
    "show",
    argument("id", metavar="ID", help="id of a memory or a session, or a part of it"),
    *PAGE,
    examples=("sage show 49216d62", "sage show tea --limit 50"),
    details="The messages of a session are shown in order, one page at a time. Of an id four"
    " characters are enough, of its beginning or its end, if no other id has them; `--json`"
    " prints whole ids.",
)
def show(args: Namespace, console: Console) -> int:
    """Print a memory or a session whole."""
    page, asked = read_page(args), AskedMemories(args)
    found = find(asked, args.id, page)
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    memories = found.memories if isinstance(found, Session) else (found,)
    session = phrase("session {session}", session=one_line(memories[0].session_id))
    console.write(*styled(session, session=Style.NAME))
    for memory in memories:
        _write(console, memory, asked.timezone)
    if isinstance(found, Session):
        write_next(console, args, found.next_cursor, "show", found.session_id)
    return OK


def _write(console: Console, memory: Memory, timezone: tzinfo) -> None:
    """Write what was said, indented to pass for nothing else, and what is kept with it."""
    console.write()
    console.write(
        *author(memory),
        "  ",
        when_text(memory.created_at, timezone),
        "  ",
        (short_id(memory.memory_id), Style.FAINT),
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
    if memory.superseded_at is not None:
        since = when_text(memory.superseded_at, timezone)
        console.write(
            (phrase("a later memory replaced it at {when}", when=since), Style.WARN), hang=2
        )
    elif memory.confirmed_at is not None:
        date = f"{memory.confirmed_at.astimezone(timezone):%Y-%m-%d}"
        console.write((phrase("still true on {date}", date=date), Style.FAINT), hang=2)
    if memory.metadata:
        metadata = json.dumps(dict(memory.metadata), ensure_ascii=False)
        console.write((one_line(metadata), Style.FAINT), hang=2)

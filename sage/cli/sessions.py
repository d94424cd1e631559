"""`sage sessions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.paging import add_page, write_next
from sage.cli.terminal.console import Style
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.views.memory import when_text
from sage.domain.answer_json import to_json
from sage.domain.listing import SessionsRequest
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.parsing import VerbParser
    from sage.cli.terminal.console import Console
    from sage.domain.listing import SessionSummary

_INDENT = 6


def declare(parser: VerbParser) -> None:
    """Declare which page is shown."""
    parser.describe(sessions, examples=("sage sessions", "sage sessions --limit 50 --json"))
    add_page(parser)


def sessions(args: Namespace, console: Console) -> int:
    """Print the sessions, the one with the latest message first."""
    page = SessionsRequest(limit=args.limit, cursor=args.cursor)
    memories = AskedMemories(args)
    found = memories.ask(lambda there: there.list_sessions(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for session in found.sessions:
        _write(console, session, memories.timezone)
    if not found.sessions:
        console.note(phrase("no memories yet"))
    write_next(console, args, found.next_cursor, "sessions")
    return OK


def _write(console: Console, session: SessionSummary, timezone: tzinfo) -> None:
    messages = counted(session.memories, "message", "messages")
    console.write(
        (one_line(session.session_id), Style.NAME),
        "  ",
        phrase(
            "{messages}, last on {when}",
            messages=messages,
            when=when_text(session.last_at, timezone),
        ),
        hang=_INDENT,
    )
    write_excerpt(console, one_line(session.preview), (), indent=_INDENT, limit=1)

"""`sage sessions`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.list_options import given_options, project_named, time_options
from sage.cli.memories import AskedMemories
from sage.cli.paging import PAGE, write_next
from sage.cli.terminal.console import Style
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.verb import argument, verb
from sage.cli.views.memory import project_of, when_text
from sage.domain.answer_json import to_json
from sage.domain.listing import SessionsRequest
from sage.domain.short_ids import short_session
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.listing import SessionSummary

_INDENT = 6
_FILTERS = ("from", "to", "project", "client", "author")


@verb(
    "sessions",
    *time_options("--from", "--to"),
    argument("--project", metavar="NAME", help="only of this project: its name, or a folder"),
    argument(
        "--client",
        metavar="CLIENT",
        help="only what came in from this AI client, or in this way: tool, rest, cli",
    ),
    argument("--author", metavar="NAME", help="only what NAME saved"),
    *PAGE,
    examples=(
        "sage sessions",
        "sage sessions --project . --from 'last week'",
        "sage sessions --client claude-code --limit 50 --json",
    ),
)
def sessions(args: Namespace, console: Console) -> int:
    """Print the sessions, the one with the latest message first."""
    from sage.cli.views.times import to_time

    memories = AskedMemories(args)
    page = SessionsRequest(
        limit=args.limit,
        cursor=args.cursor,
        project=project_named(memories, args.project),
        source=args.client,
        author=args.author,
    )
    since, until = (to_time(one, getattr(args, one), memories.timezone) for one in ("from", "to"))
    page = replace(page, since=since or page.since, until=until or page.until)
    found = memories.ask(lambda there: there.list_sessions(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    given = given_options(args, *_FILTERS)
    for session in found.sessions:
        _write(console, session, memories.timezone)
    if not found.sessions:
        console.note(phrase("no session fits" if given else "no memories yet"))
    write_next(console, args, found.next_cursor, "sessions", *given)
    return OK


def _write(console: Console, session: SessionSummary, timezone: tzinfo) -> None:
    messages = counted(session.memories, "message", "messages")
    console.write(
        (one_line(short_session(session.session_id)), Style.NAME),
        "  ",
        phrase(
            "{messages}, last on {when}",
            messages=messages,
            when=when_text(session.last_at, timezone),
        ),
        (f"  {'  '.join(_origin(session))}".rstrip(), Style.FAINT),
        hang=_INDENT,
    )
    write_excerpt(console, one_line(session.preview), (), indent=_INDENT, limit=1)


def _origin(session: SessionSummary) -> list[str]:
    """Return the project of a session and how it came in."""
    project = project_of({"project": session.project})
    return [one_line(one) for one in (project, session.source) if one]

"""`sage list`, `sage sessions` and `sage show`: pages of stored memories."""

from __future__ import annotations

import json
from dataclasses import replace
from textwrap import indent
from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.memories import AskedMemories
from sage.cli.naming import find, session_of
from sage.cli.options import time_options
from sage.cli.paging import PAGE, read_page, write_next
from sage.cli.terminal.console import Style, styled
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.verb import argument, verb
from sage.cli.views.memory import author, project_of, when_text, write_memory
from sage.domain.answer_json import to_json
from sage.domain.ids import short_id, short_session
from sage.domain.listing import (
    ListOrder,
    MemoriesRequest,
    Session,
    SessionsRequest,
)
from sage.domain.memories import Role
from sage.domain.searching import Filters
from sage.domain.text.wording import counted, one_line, printable
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.listing import SessionSummary
    from sage.domain.memories import Memory


_INDENT = 6
_PROJECT = argument(
    "--project", metavar="NAME", help="only from this project: its name, or a directory"
)
_OF_MEMORIES = ("session", "project", "role", "after", "before")


@verb(
    "list",
    argument("--session", metavar="ID", help="only from this session"),
    _PROJECT,
    argument("--role", choices=[str(role) for role in Role], help="only messages of this role"),
    *time_options("--after", "--before"),
    argument(
        "--order",
        choices=[str(order) for order in ListOrder],
        default=str(ListOrder.SAID),
        help="sort by when messages were said, or by when they were stored (default: %(default)s)",
    ),
    *PAGE,
    examples=(
        "sage list",
        "sage list --project . --after yesterday",
        "sage list --order kept --limit 50",
    ),
)
def list_memories(args: Namespace, console: Console) -> int:
    """Print memories, the newest first."""
    asked = [name for name in _OF_MEMORIES if getattr(args, name) is not None]
    kept = args.order == ListOrder.KEPT
    if asked and kept:
        raise InvalidInputError(
            "--order",
            "{field} cannot be combined with other filters",
            hint="omit one of the two",
        )
    memories = AskedMemories(args)
    page = MemoriesRequest(
        args.limit,
        args.cursor,
        order=ListOrder(args.order),
        filters=_filters(args, memories) if asked else None,
    )
    found = memories.ask(lambda there: there.list_memories(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for memory in found.memories:
        write_memory(console, memory, memories.timezone)
        console.write()
    if not found.memories:
        console.note(phrase("no memories match" if asked else "no memories yet"))
    options = _given_options(args, *_OF_MEMORIES, *(["order"] if kept else []))
    write_next(console, args, found.next_cursor, "list", *options)
    return OK


def _filters(args: Namespace, memories: AskedMemories) -> Filters:
    from sage.cli.views.times import to_time

    project = _project_named(memories, args.project)
    return Filters(
        session_id=session_of(memories, args.session),
        role=None if args.role is None else Role(args.role),
        after=to_time("after", args.after, memories.timezone),
        before=to_time("before", args.before, memories.timezone),
        metadata={} if project is None else {"project": project},
        include_superseded=True,
    )


_OF_SESSIONS = ("from", "to", "project", "client", "author")


@verb(
    "sessions",
    *time_options("--from", "--to"),
    _PROJECT,
    argument(
        "--client",
        metavar="CLIENT",
        help="only sessions from this AI client, or from this source: tool, rest, cli",
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
        project=_project_named(memories, args.project),
        source=args.client,
        author=args.author,
    )
    since, until = (to_time(one, getattr(args, one), memories.timezone) for one in ("from", "to"))
    page = replace(page, since=since or page.since, until=until or page.until)
    found = memories.ask(lambda there: there.list_sessions(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    given = _given_options(args, *_OF_SESSIONS)
    for session in found.sessions:
        _write_session(console, session, memories.timezone)
    if not found.sessions:
        console.note(phrase("no sessions match" if given else "no memories yet"))
    write_next(console, args, found.next_cursor, "sessions", *given)
    return OK


def _write_session(console: Console, session: SessionSummary, timezone: tzinfo) -> None:
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
    """Return the project of a session and the way it was saved."""
    project = project_of({"project": session.project})
    return [one_line(one) for one in (project, session.source) if one]


@verb(
    "show",
    argument("id", metavar="ID", help="id of a memory or a session, or its beginning or end"),
    *PAGE,
    examples=("sage show 49216d62", "sage show tea --limit 50"),
    details="The messages of a session are shown in order, one page at a time. An id "
    "can be shortened to its first or last four or more characters, as long as "
    "they are unique; `--json` prints complete ids.",
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
        _write_whole(console, memory, asked.timezone)
    if isinstance(found, Session):
        write_next(console, args, found.next_cursor, "show", found.session_id)
    return OK


def _write_whole(console: Console, memory: Memory, timezone: tzinfo) -> None:
    """Write the text of a memory, indented so that it cannot imitate anything, and its metadata."""
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
            (phrase("replaced by a later memory at {when}", when=since), Style.WARN), hang=2
        )
    elif memory.confirmed_at is not None:
        date = f"{memory.confirmed_at.astimezone(timezone):%Y-%m-%d}"
        console.write((phrase("still true on {date}", date=date), Style.FAINT), hang=2)
    if memory.metadata:
        metadata = json.dumps(dict(memory.metadata), ensure_ascii=False)
        console.write((one_line(metadata), Style.FAINT), hang=2)


def _given_options(args: Namespace, *names: str) -> list[str]:
    """Return the given options, to repeat them for the next page."""
    options: list[str] = []
    for name in names:
        if (value := getattr(args, name)) is not None:
            options += [f"--{name.replace('_', '-').strip('-')}", str(value)]
    return options


def _project_named(memories: AskedMemories, given: str | None) -> str | None:
    """Return the full name of the project with a name, a last part of one, or a directory."""
    if given is None:
        return None
    from sage.cli.project import existing_project, with_hook_settings

    with_hook_settings(memories)
    return existing_project(given, memories.ask(lambda there: there.list_projects()))

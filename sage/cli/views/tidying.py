"""Lists of what may be forgotten, and of what is, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.views.memory import when_text
from sage.domain.local_time import local_time_text
from sage.domain.short_ids import short_id, short_session
from sage.domain.text.wording import counted, kinds_text, one_line
from sage.domain.tidying import TidyKind
from sage.phrases import joined, numbered, phrase

if TYPE_CHECKING:
    from datetime import tzinfo
    from uuid import UUID

    from sage.cli.terminal.console import Console
    from sage.domain.listing import ForgottenMemory, SessionSummary
    from sage.domain.tidying import TidyMemory, TidyPage

_INDENT = 6
_MAX_LINES = 2
TOLD = {
    TidyKind.DUPLICATES: phrase("what one speaker said in equal words"),
    TidyKind.NEAR_DUPLICATES: phrase("what differs in its form, and has equal numbers and names"),
    TidyKind.NEVER_RECALLED: phrase("what was handed out to nobody for 90 days"),
    TidyKind.SUPERSEDED: phrase("what was corrected, with what holds now"),
    TidyKind.SECRETS: phrase("what holds passwords, keys or tokens, which are masked"),
    TidyKind.TOOL_SESSIONS: phrase("conversations in which no person said anything"),
}


def write_page(console: Console, page: TidyPage, timezone: tzinfo) -> None:
    """Write a page of a list: with - what may go, with = what stays."""
    marked = {one.memory_id for one in page.marked}
    for number, group in enumerate(page.groups):
        if number and len(group.memories) > 1:
            console.write()
        for one in group.memories:
            _write_memory(console, one, timezone, is_marked=one.memory_id in marked)
        if group.more:
            told = numbered("and {count:,} more", "and {count:,} more", count=group.more)
            console.write(" " * _INDENT, (told, Style.FAINT))
    for session in page.sessions:
        _write_session(console, session, timezone)
    if not (page.groups or page.sessions):
        console.note(phrase("nothing to tidy up in what was looked through"))
    if page.recorded_since is not None:
        day = local_time_text(page.recorded_since, timezone)
        console.note(phrase("what is handed out is recorded since {time}", time=day))
    if page.total is not None and page.looked_back_to is not None:
        total = counted(page.total, "memory", "memories")
        if page.kind is TidyKind.TOOL_SESSIONS:
            total = counted(page.total, "session", "sessions")
        console.note(
            phrase(
                "looked through {looked_at:,} of {total}, back to {time}",
                looked_at=page.looked_at,
                total=total,
                time=local_time_text(page.looked_back_to, timezone),
            )
        )


def write_forgotten(console: Console, memory: ForgottenMemory, timezone: tzinfo) -> None:
    """Write a forgotten memory: what it says, when it was forgotten, by whom, and until when."""
    console.write(
        (one_line(memory.name or str(memory.role)), Style.NAME),
        "  ",
        when_text(memory.created_at, timezone),
        hang=_INDENT,
    )
    write_excerpt(console, one_line(memory.preview), (), indent=_INDENT, limit=_MAX_LINES)
    when = when_text(memory.forgotten_at, timezone)
    until = local_time_text(memory.restorable_until, timezone)
    if memory.forgotten_by:
        told = phrase(
            "forgotten {when}, by {name}; can be restored until {until}",
            when=when,
            name=one_line(memory.forgotten_by),
            until=until,
        )
    else:
        told = phrase("forgotten {when}; can be restored until {until}", when=when, until=until)
    console.write(" " * _INDENT, told, hang=_INDENT)
    _write_place(console, memory.session_id, memory.memory_id)


def _write_memory(
    console: Console, memory: TidyMemory, timezone: tzinfo, *, is_marked: bool
) -> None:
    mark = ("-", Style.WARN) if is_marked else ("=", Style.GOOD)
    console.write(
        mark,
        " " * (_INDENT - 1),
        (one_line(memory.name or str(memory.role)), Style.NAME),
        "  ",
        when_text(memory.created_at, timezone),
        *(("  ", kinds_text(memory.secrets)) if memory.secrets else ()),
        hang=_INDENT,
    )
    write_excerpt(console, one_line(memory.preview), (), indent=_INDENT, limit=_MAX_LINES)
    _write_place(console, memory.session_id, memory.memory_id)


def _write_session(console: Console, session: SessionSummary, timezone: tzinfo) -> None:
    console.write(
        ("-", Style.WARN),
        " " * (_INDENT - 1),
        (one_line(short_session(session.session_id)), Style.NAME),
        "  ",
        phrase(
            "{messages}, last on {when}",
            messages=counted(session.memories, "message", "messages"),
            when=when_text(session.last_at, timezone),
        ),
        hang=_INDENT,
    )
    write_excerpt(console, one_line(session.preview), (), indent=_INDENT, limit=1)


def _write_place(console: Console, session_id: str, memory_id: UUID) -> None:
    session = one_line(short_session(session_id))
    place = [phrase("session {session}", session=session), short_id(memory_id)]
    console.write(" " * _INDENT, (joined("  ", place), Style.FAINT), hang=_INDENT)

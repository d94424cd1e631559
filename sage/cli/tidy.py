"""`sage tidy`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.options import YES
from sage.cli.paging import PAGE, write_next
from sage.cli.terminal.console import Style
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.terminal.prompt import confirm
from sage.cli.verb import argument, verb
from sage.cli.views.memory import when_text, write_place
from sage.cli.views.program_name import as_called, program
from sage.domain.answer_json import to_json
from sage.domain.ids import short_session
from sage.domain.local_time import local_time_text
from sage.domain.memories import ForgetReceipt, ForgetRequest
from sage.domain.text.wording import counted, kinds_text, one_line
from sage.domain.tidying import TidyKind, TidyRequest
from sage.phrases import numbered, phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.listing import SessionSummary
    from sage.domain.tidying import TidyMemory, TidyPage


@verb(
    "tidy",
    argument(
        "kind",
        nargs="?",
        choices=[str(kind) for kind in TidyKind],
        metavar="KIND",
        help=phrase("which list: {kinds}", kinds=[str(kind) for kind in TidyKind]),
    ),
    argument(
        "--forget", action="store_true", help="forget what is marked on this page; can be undone"
    ),
    YES,
    *PAGE,
    examples=("sage tidy", "sage tidy duplicates", "sage tidy duplicates --forget"),
    details="Without KIND, shows the available lists. Each page checks a part of the "
    "stored memories, newest first. --forget forgets the duplicates marked on "
    "the page; in lists without marks, everything on the page.",
)
def tidy(args: Namespace, console: Console) -> int:
    """Print a page of candidates for forgetting, and forget them if requested."""
    if args.kind is None:
        return _name_lists(args, console)
    request = TidyRequest(args.limit, args.cursor, kind=TidyKind(args.kind))
    memories = AskedMemories(args)
    page = memories.ask(lambda there: there.tidy(request))
    document = to_json(page, whole=True)
    if not args.json:
        _write_page(console, page, memories.timezone)
    if args.forget:
        requests = _requests(page)
        count = sum(len(one.memory_ids) or 1 for one in requests)
        if not requests or not (args.yes or confirm(console, _question(page, count))):
            console.note(phrase("nothing was forgotten"))
            return OK if not requests else FAILED
        receipts = memories.ask(lambda there: [there.forget(one) for one in requests])
        document["forgotten"] = sum(one.forgotten for one in receipts)
        if not args.json:
            _report(console, requests, receipts)
    if args.json:
        console.write_json(document)
    elif not args.forget and (page.groups or page.sessions):
        console.note(as_called("to forget what is marked with -, add `--forget`"))
    if not args.json:
        write_next(console, args, page.next_cursor, "tidy", args.kind)
    return OK


def _name_lists(args: Namespace, console: Console) -> int:
    if args.json:
        console.write_json({"kinds": [str(kind) for kind in TidyKind]})
        return OK
    for kind in TidyKind:
        console.write((f"{kind:<18}", Style.NAME), _LISTS[kind], hang=18)
    console.note(as_called("`sage tidy KIND` shows a list"))
    return OK


def _requests(page: TidyPage) -> list[ForgetRequest]:
    """Return the requests that forget the marked memories of a page."""
    if page.kind is TidyKind.TOOL_SESSIONS:
        return [ForgetRequest(session_id=one.session_id) for one in page.sessions]
    ids = tuple(one.memory_id for one in page.marked)
    return [ForgetRequest(ids)] if ids else []


def _question(page: TidyPage, count: int) -> str:
    if page.kind is TidyKind.TOOL_SESSIONS:
        return numbered("forget {count:,} session", "forget {count:,} sessions", count=count)
    return numbered("forget {count:,} memory", "forget {count:,} memories", count=count)


def _report(console: Console, requests: list[ForgetRequest], receipts: list[ForgetReceipt]) -> None:
    forgotten = sum(one.forgotten for one in receipts)
    console.write(numbered("forgot {count:,} memory", "forgot {count:,} memories", count=forgotten))
    console.note(phrase("to restore them within 30 days:"))
    for one in requests:
        words = ["--session", one.session_id] if one.session_id else [*map(str, one.memory_ids)]
        command = shlex.join(["forget", "--undo", *words])
        console.note_text(f"  {program()} {command}")


_INDENT = 6
_MAX_LINES = 2
_LISTS = {
    TidyKind.DUPLICATES: phrase("messages of one speaker with identical text"),
    TidyKind.NEAR_DUPLICATES: phrase(
        "messages that differ in form only, with equal numbers and names"
    ),
    TidyKind.NEVER_RECALLED: phrase("memories not given to any session for 90 days"),
    TidyKind.SUPERSEDED: phrase("corrected memories, with their corrections"),
    TidyKind.SECRETS: phrase("messages that contain passwords, keys or tokens, shown masked"),
    TidyKind.TOOL_SESSIONS: phrase("sessions without any message of a person"),
}


def _write_page(console: Console, page: TidyPage, timezone: tzinfo) -> None:
    """Write a page of a list: - marks what may be forgotten, = what stays."""
    marked = {one.memory_id for one in page.marked}
    for number, group in enumerate(page.groups):
        if number and len(group.memories) > 1:
            console.write()
        for one in group.memories:
            _write_memory(console, one, timezone, is_marked=one.memory_id in marked)
        if group.more:
            text = numbered("and {count:,} more", "and {count:,} more", count=group.more)
            console.write(" " * _INDENT, (text, Style.FAINT))
    for session in page.sessions:
        _write_session(console, session, timezone)
    if not (page.groups or page.sessions):
        console.note(phrase("nothing to tidy up in the messages checked"))
    if page.recorded_since is not None:
        day = local_time_text(page.recorded_since, timezone)
        console.note(phrase("the recall log begins at {time}", time=day))
    if page.total is not None and page.looked_back_to is not None:
        total = counted(page.total, "memory", "memories")
        if page.kind is TidyKind.TOOL_SESSIONS:
            total = counted(page.total, "session", "sessions")
        console.note(
            phrase(
                "checked {looked_at:,} of {total}, back to {time}",
                looked_at=page.looked_at,
                total=total,
                time=local_time_text(page.looked_back_to, timezone),
            )
        )


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
    write_place(console, memory.session_id, memory.memory_id)


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

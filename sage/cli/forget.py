"""`sage forget`, and `sage forgotten`, which lists forgotten memories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.host import require_host
from sage.cli.memories import AskedMemories
from sage.cli.naming import find_session, session_of
from sage.cli.options import JSON, SPACE, YES, checked_option
from sage.cli.paging import PAGE, command_again, write_next
from sage.cli.terminal.console import Style
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.terminal.prompt import can_ask, confirm
from sage.cli.verb import argument, verb
from sage.cli.views.memory import when_text, write_place
from sage.cli.views.program_name import as_called
from sage.domain import limits
from sage.domain.answer_json import to_json
from sage.domain.ids import split_ids
from sage.domain.listing import ForgottenRequest
from sage.domain.local_time import local_time_text
from sage.domain.memories import ForgetRequest
from sage.domain.text.wording import counted, one_line
from sage.errors import InvalidInputError
from sage.phrases import numbered, phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.listing import ForgottenMemory
    from sage.domain.memories import ForgetReceipt

_INDENT = 6
_MAX_LINES = 2


@verb(
    "forget",
    argument("memory_ids", nargs="*", metavar="MEMORY_ID", help="memories to delete"),
    argument("--session", metavar="ID", help="delete a whole session"),
    argument(
        "--this-session", action="store_true", help="delete the current session of an AI client"
    ),
    argument(
        "--undo",
        action="store_true",
        help=phrase(
            "restore what was deleted in the last {days} days", days=limits.UNDO_WINDOW_DAYS
        ),
    ),
    YES,
    SPACE,
    JSON,
    examples=(
        "sage forget 49216d62",
        "sage forget 49216d62 --undo",
        "sage forget --session tea --yes",
        "sage forget --session tea --undo",
        "sage forget --this-session",
    ),
    details="An id can be shortened to its first or last four or more characters, as "
    "long as they are unique.\n\n--this-session is the session of the AI client "
    "that runs the command, else the latest session that hooks captured in the "
    "project of the current directory; the rest of that session is not "
    "captured.\n\nThe exit code is 1 if an id was not found. Repeating a command "
    "is not a failure.",
)
def forget(args: Namespace, console: Console) -> int:
    """Forget memories or a session, or restore them; exit with 1 if an id was unknown."""
    if bool(args.memory_ids) + (args.session is not None) + args.this_session != 1:
        raise InvalidInputError(
            "MEMORY_ID",
            "{field} cannot be combined with --session or --this-session"
            if args.memory_ids
            else "{field} is missing",
            hint="pass memory ids, --session or --this-session, one of the three",
        )
    if args.this_session:
        return _forget_this_session(args, console)
    whole, short = split_ids("memory_ids", args.memory_ids)
    memories = AskedMemories(args)
    args.session = session_of(memories, args.session)
    request = ForgetRequest(whole, short, args.session, args.undo)
    if not (args.undo or args.yes or _agreed(args, console, memories)):
        console.note(phrase("nothing was forgotten"))
        return FAILED
    receipt = memories.ask(lambda there: there.forget(request))
    if args.json:
        console.write_json(to_json(receipt, whole=True))
    else:
        _report(receipt, args, console)
    return FAILED if receipt.unknown else OK


def _forget_this_session(args: Namespace, console: Console) -> int:
    """Forget or restore the session of a client, and stop or resume capturing it."""
    from sage.clients.command.control import named, session_here
    from sage.clients.hooks import settings
    from sage.clients.hooks.capture.sessions import resume_capture, stop_capture

    require_host("forget --this-session --undo" if args.undo else "forget --this-session")
    memories = AskedMemories(args)
    data_dir = str(memories.ask(lambda there: there.data_dir))
    settings.use(data_dir)
    session = session_here(data_dir, undo=args.undo)
    args.session, args.space = session.session_id, args.space or session.space or None
    console.note(named(session))
    memories = AskedMemories(args)  # of the space of that session
    if not (args.undo or args.yes or _agreed(args, console, memories)):
        console.note(phrase("nothing was forgotten"))
        return FAILED
    if not args.undo:
        stop_capture(data_dir, session)
    request = ForgetRequest(session_id=session.session_id, undo=args.undo)
    receipt = memories.ask(lambda there: there.forget(request))
    if args.undo:
        resume_capture(data_dir, session)
    if args.json:
        console.write_json(to_json(receipt, whole=True))
        return OK
    if args.undo or receipt.forgotten:
        _report(replace(receipt, unknown=0), args, console)
    console.note(
        phrase("it is captured again from now on")
        if args.undo
        else phrase("the rest of it is not captured")
    )
    return OK


def _agreed(args: Namespace, console: Console, memories: AskedMemories) -> bool:
    """Ask on a terminal; scripts are not asked, since forgetting can be undone."""
    if not can_ask(console):
        return True
    if args.memory_ids:
        return confirm(
            console,
            numbered(
                "forget {count:,} memory", "forget {count:,} memories", count=len(args.memory_ids)
            ),
        )
    session = find_session(memories, args.session)
    there = counted(session.total if session else 0, "memory", "memories")
    return confirm(
        console,
        phrase(
            "forget session {session} ({memories})", session=one_line(args.session), memories=there
        ),
    )


def _report(receipt: ForgetReceipt, args: Namespace, console: Console) -> None:
    if args.undo:
        restored = counted(receipt.restored, "memory", "memories")
        console.write(
            phrase("already restored: {memories}", memories=restored)
            if _was_done_before(receipt)
            else phrase("restored {memories}", memories=restored)
        )
    else:
        forgotten = counted(receipt.forgotten, "memory", "memories")
        if receipt.forgotten:
            line = phrase(
                "forgot {memories}; to restore them within {days} days:",
                memories=forgotten,
                days=limits.UNDO_WINDOW_DAYS,
            )
        elif _was_done_before(receipt):
            line = phrase("already forgotten: {memories}", memories=forgotten)
        else:
            line = phrase("forgot {memories}", memories=forgotten)
        console.write(line)
        if receipt.forgotten:
            which = ["--session", args.session] if args.session else args.memory_ids
            console.write_text(f"  {command_again(args, 'forget', *which, '--undo')}\n")
    if receipt.unknown and args.session is not None:
        console.note(as_called("session not found: `sage sessions` lists all sessions"))
    elif receipt.unknown:
        console.note(
            numbered(
                "{count:,} id was not found", "{count:,} ids were not found", count=receipt.unknown
            )
        )


def _was_done_before(receipt: ForgetReceipt) -> bool:
    return not (receipt.forgotten or receipt.restored or receipt.unknown)


@verb(
    "forgotten",
    argument("--session", metavar="ID", help="only from this session"),
    argument("--by", metavar="NAME", help="only what NAME forgot"),
    *PAGE,
    examples=("sage forgotten", "sage forgotten --session tea", "sage forgotten --json"),
)
def forgotten(args: Namespace, console: Console) -> int:
    """Print forgotten memories and until when they can be restored, the latest first."""
    memories = AskedMemories(args)
    session_id = checked_option("--session", args.session)
    page = ForgottenRequest(args.limit, args.cursor, by=args.by, session_id=session_id)
    found = memories.ask(lambda there: there.list_forgotten(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for one in found.memories:
        _write_forgotten(console, one, memories.timezone)
    if found.memories:
        console.note(as_called("to restore one: `sage forget --undo ID`"))
    else:
        console.note(phrase("nothing is forgotten"))
    options = {"--session": args.session, "--by": args.by}
    words = [word for name, value in options.items() if value for word in (name, value)]
    write_next(console, args, found.next_cursor, "forgotten", *words)
    return OK


def _write_forgotten(console: Console, memory: ForgottenMemory, timezone: tzinfo) -> None:
    """Write a forgotten memory: its text, when and by whom it was forgotten, and until when."""
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
        line = phrase(
            "forgotten {when}, by {name}; can be restored until {until}",
            when=when,
            name=one_line(memory.forgotten_by),
            until=until,
        )
    else:
        line = phrase("forgotten {when}; can be restored until {until}", when=when, until=until)
    console.write(" " * _INDENT, line, hang=_INDENT)
    write_place(console, memory.session_id, memory.memory_id)

"""`sage tidy`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.options import YES
from sage.cli.paging import PAGE, write_next
from sage.cli.terminal.console import Style
from sage.cli.terminal.prompt import confirm
from sage.cli.verb import argument, verb
from sage.cli.views.program_name import as_called, program
from sage.cli.views.tidying import TOLD, write_page
from sage.domain.answer_json import to_json
from sage.domain.memories import ForgetReceipt, ForgetRequest
from sage.domain.tidying import TidyKind, TidyRequest
from sage.phrases import numbered, phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console
    from sage.domain.tidying import TidyPage


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
    details="Without KIND it names the lists. Each page looks through a part of what is kept,"
    " the newest first. --forget forgets of the page that is shown what says the same as"
    " another message that stays; of lists in which nothing is marked, all of it.",
)
def tidy(args: Namespace, console: Console) -> int:
    """Print a page of a list of what may be forgotten, and forget it if that was asked for."""
    if args.kind is None:
        return _name_lists(args, console)
    request = TidyRequest(args.limit, args.cursor, kind=TidyKind(args.kind))
    memories = AskedMemories(args)
    page = memories.ask(lambda there: there.tidy(request))
    told = to_json(page, whole=True)
    if not args.json:
        write_page(console, page, memories.timezone)
    if args.forget:
        requests = _requests(page)
        count = sum(len(one.memory_ids) or 1 for one in requests)
        if not requests or not (args.yes or confirm(console, _question(page, count))):
            console.note(phrase("nothing was forgotten"))
            return OK if not requests else FAILED
        receipts = memories.ask(lambda there: [there.forget(one) for one in requests])
        told["forgotten"] = sum(one.forgotten for one in receipts)
        if not args.json:
            _tell(console, requests, receipts)
    if args.json:
        console.write_json(told)
    elif not args.forget and (page.groups or page.sessions):
        console.note(as_called("to forget what is marked with -: the same command with `--forget`"))
    if not args.json:
        write_next(console, args, page.next_cursor, "tidy", args.kind)
    return OK


def _name_lists(args: Namespace, console: Console) -> int:
    if args.json:
        console.write_json({"kinds": [str(kind) for kind in TidyKind]})
        return OK
    for kind in TidyKind:
        console.write((f"{kind:<18}", Style.NAME), TOLD[kind], hang=18)
    console.note(as_called("`sage tidy KIND` shows a list"))
    return OK


def _requests(page: TidyPage) -> list[ForgetRequest]:
    """Return what forgets what is marked on a page."""
    if page.kind is TidyKind.TOOL_SESSIONS:
        return [ForgetRequest(session_id=one.session_id) for one in page.sessions]
    ids = tuple(one.memory_id for one in page.marked)
    return [ForgetRequest(ids)] if ids else []


def _question(page: TidyPage, count: int) -> str:
    if page.kind is TidyKind.TOOL_SESSIONS:
        return numbered(
            "forget {count:,} conversation", "forget {count:,} conversations", count=count
        )
    return numbered("forget {count:,} memory", "forget {count:,} memories", count=count)


def _tell(console: Console, requests: list[ForgetRequest], receipts: list[ForgetReceipt]) -> None:
    forgotten = sum(one.forgotten for one in receipts)
    console.write(numbered("forgot {count:,} memory", "forgot {count:,} memories", count=forgotten))
    console.note(phrase("to bring them back within 30 days:"))
    for one in requests:
        words = ["--session", one.session_id] if one.session_id else [*map(str, one.memory_ids)]
        command = shlex.join(["forget", "--undo", *words])
        console.note_text(f"  {program()} {command}")

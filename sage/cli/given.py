"""`sage given`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.naming import session_of
from sage.cli.paging import PAGE, write_next
from sage.cli.terminal.console import Style
from sage.cli.terminal.excerpt import write_excerpt
from sage.cli.verb import argument, one_of, verb
from sage.cli.views.memory import when_text
from sage.domain.answer_json import to_json
from sage.domain.ids import named_id, short_id
from sage.domain.recall_log import GivenRequest, NotUsefulRequest, RecallTrigger
from sage.domain.text.wording import one_line
from sage.errors import InvalidInputError, NoSpaceError, NotFoundError
from sage.phrases import joined, phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.recall_log import Given, NotUsefulReceipt

_INDENT = 6
_BY = {
    RecallTrigger.START: phrase("at the start of a session"),
    RecallTrigger.PROMPT: phrase("before a prompt"),
    RecallTrigger.EDIT: phrase("before an edit or a command"),
    RecallTrigger.SEARCH: phrase("for a search"),
    RecallTrigger.CONTEXT: phrase("as context"),
}


@verb(
    "given",
    argument(
        "session",
        nargs="?",
        metavar="SESSION",
        help="only what was given to this session: its id, or its beginning or end",
    ),
    one_of(
        argument(
            "--not-useful",
            nargs="+",
            metavar="ID",
            help="mark memories as not useful, where they were last given",
        ),
        argument("--useful", nargs="+", metavar="ID", help="remove the latest such mark"),
    ),
    *PAGE,
    examples=(
        "sage given",
        "sage given 273c4786",
        "sage given --not-useful 49216d62",
        "sage given --useful 49216d62",
    ),
    details="A memory marked as not useful ranks last for similar questions, and hooks "
    "omit it.\n\nThe exit code is 1 if an id was not found.",
)
def given(args: Namespace, console: Console) -> int:
    """Print what was recalled to sessions, or mark memories as not useful."""
    if args.not_useful or args.useful:
        return _mark(args, console)
    memories = AskedMemories(args)
    session_id = session_of(memories, args.session)
    page = GivenRequest(args.limit, args.cursor, session_id=session_id)
    found = memories.ask(lambda there: there.list_given(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for one in found.given:
        _write(console, one, memories.timezone)
    if not found.given:
        console.note(phrase("no memories were given to sessions"))
    write_next(console, args, found.next_cursor, "given", *([args.session] * bool(args.session)))
    return OK


def _mark(args: Namespace, console: Console) -> int:
    if args.session is not None:
        raise InvalidInputError(
            "SESSION", "{field} cannot be combined with ids to mark", hint="omit SESSION"
        )
    requests = [
        NotUsefulRequest(named_id(f"ID[{place}]", one))
        for place, one in enumerate(args.not_useful or args.useful)
    ]
    undo, memories = not args.not_useful, AskedMemories(args)
    receipts: list[NotUsefulReceipt] = []
    unknown: list[str] = []
    for request in requests:
        try:
            receipts.append(memories.ask(lambda there, one=request: there.mark(one, undo=undo)))  # type: ignore[misc]
        except NoSpaceError:
            raise
        except NotFoundError:
            unknown.append(str(request.memory_id))
    if args.json:
        console.write_json({"marks": [to_json(one) for one in receipts], "unknown": unknown})
    for one in () if args.json else receipts:
        console.write(
            phrase("{id}: not useful", id=short_id(one.memory_id))
            if one.not_useful
            else phrase("{id}: no longer marked", id=short_id(one.memory_id))
        )
    for named in unknown:
        console.note(
            phrase("{id} is not marked", id=named)
            if undo
            else phrase("the recall log does not contain {id}", id=named)
        )
    return FAILED if unknown else OK


def _write(console: Console, one: Given, timezone: tzinfo) -> None:
    known = (one.client, one.relevance and str(one.relevance), one.session_id)
    console.write(
        (_BY[one.occasion], Style.NAME),
        "  ",
        when_text(one.at, timezone),
        "  ",
        joined("  ", [one_line(it) for it in known if it]),
        hang=_INDENT,
    )
    for memory in one.memories:
        state = [short_id(memory.memory_id)]
        if memory.probability is not None:
            state.append(str(memory.probability))
        if memory.not_useful_at is not None:
            state.append(phrase("not useful"))
        console.write(" " * 2, (joined("  ", state), Style.FAINT), hang=_INDENT)
        text = phrase("forgotten") if memory.preview is None else one_line(memory.preview)
        write_excerpt(console, text, (), indent=_INDENT, limit=1)

"""`sage list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.failures import OK
from sage.cli.list_options import given_options, project_named, time_options
from sage.cli.memories import AskedMemories
from sage.cli.naming import session_of
from sage.cli.paging import PAGE, write_next
from sage.cli.verb import argument, verb
from sage.cli.views.memory import write_memory
from sage.cli.views.tidying import write_forgotten
from sage.domain.answer_json import to_json
from sage.domain.listing import ForgottenRequest, ListOrder, MemoriesRequest
from sage.domain.memories import Role
from sage.domain.searching import Filters
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace

    from sage.cli.terminal.console import Console

_FILTERS = ("session", "project", "role", "after", "before")


@verb(
    "list",
    argument("--session", metavar="ID", help="only of this session"),
    argument("--project", metavar="NAME", help="only of this project: its name, or a folder"),
    argument("--role", choices=[str(role) for role in Role], help="only messages of this role"),
    *time_options("--after", "--before"),
    argument(
        "--forgotten", action="store_true", help="list what is forgotten and can be brought back"
    ),
    argument(
        "--order",
        choices=[str(order) for order in ListOrder],
        default=str(ListOrder.SAID),
        help="show first what was said last, or what arrived here last (default: %(default)s)",
    ),
    *PAGE,
    examples=(
        "sage list",
        "sage list --project . --after yesterday",
        "sage list --order kept --limit 50",
        "sage list --forgotten",
    ),
)
def list_memories(args: Namespace, console: Console) -> int:
    """Print memories, the newest first."""
    asked = [name for name in _FILTERS if getattr(args, name) is not None]
    kept = args.order == ListOrder.KEPT
    if (args.forgotten and ({*asked} - {"session"} or kept)) or (asked and kept):
        option = "--forgotten" if args.forgotten else "--order"
        raise InvalidInputError(
            option,
            "{field} cannot be combined with other filters",
            hint="leave out one of the two",
        )
    memories = AskedMemories(args)
    if args.forgotten:
        return _list_forgotten(args, console, memories)
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
        console.note(phrase("no memory fits" if asked else "no memories yet"))
    options = given_options(args, *_FILTERS, *(["order"] if kept else []))
    write_next(console, args, found.next_cursor, "list", *options)
    return OK


def _filters(args: Namespace, memories: AskedMemories) -> Filters:
    from sage.cli.views.times import to_time

    project = project_named(memories, args.project)
    return Filters(
        session_id=session_of(memories, args.session),
        role=None if args.role is None else Role(args.role),
        after=to_time("after", args.after, memories.timezone),
        before=to_time("before", args.before, memories.timezone),
        metadata={} if project is None else {"project": project},
        include_superseded=True,
    )


def _list_forgotten(args: Namespace, console: Console, memories: AskedMemories) -> int:
    page = ForgottenRequest(args.limit, args.cursor, session_id=session_of(memories, args.session))
    found = memories.ask(lambda there: there.list_forgotten(page))
    if args.json:
        console.write_json(to_json(found, whole=True))
        return OK
    for memory in found.memories:
        write_forgotten(console, memory, memories.timezone)
    if not found.memories:
        console.note(phrase("nothing is forgotten"))
    options = given_options(args, "session")
    write_next(console, args, found.next_cursor, "list", "--forgotten", *options)
    return OK

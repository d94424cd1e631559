"""`sage project`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE, YES
from sage.cli.projects_named import existing_project, project_of_path, with_hook_settings
from sage.cli.terminal.prompt import can_ask, confirm
from sage.cli.verb import argument, verb
from sage.domain.answer_json import to_json
from sage.domain.projects import RenameRequest
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.memories import Memories
    from sage.cli.terminal.console import Console
    from sage.cli.verb import Option
    from sage.domain.projects import RenameReceipt

    Rename = Callable[[Memories, RenameRequest], RenameReceipt]

_NAME = "name of the project, its last part, or a folder"


def _names(new: str) -> tuple[Option, ...]:
    return (
        argument("old", metavar="OLD", help=_NAME),
        argument("new", metavar="NEW", help=new),
        argument("--dry-run", action="store_true", help="count, and change nothing"),
        YES,
        SPACE,
        JSON,
    )


@verb(
    "project list",
    SPACE,
    JSON,
    summary="list the projects, most recently active first",
    examples=("sage project list", "sage project list --json"),
)
def list_projects(args: Namespace, console: Console) -> int:
    """Print the projects, the one with the latest message first."""
    from sage.cli.views.projects import write_projects

    memories = AskedMemories(args)
    found = memories.ask(lambda there: there.list_projects())
    if args.json:
        console.write_json(to_json(found))
        return OK
    write_projects(console, found.projects, memories.timezone)
    return OK


@verb(
    "project show",
    argument("name", metavar="NAME", help=_NAME),
    SPACE,
    JSON,
    summary="show a project and its other names",
    examples=("sage project show .", "sage project show /home/anna/zeta"),
)
def show(args: Namespace, console: Console) -> int:
    """Print a project."""
    from sage.cli.views.projects import write_project

    memories = with_hook_settings(AskedMemories(args))
    name = existing_project(args.name, memories.ask(lambda there: there.list_projects()))
    found = memories.ask(lambda there: there.read_project(name))
    if args.json:
        console.write_json(to_json(found))
        return OK
    write_project(console, found, memories.timezone)
    return OK


@verb(
    "project move",
    *_names("name that it is to have: no other project has it"),
    summary="rename a project, such as one whose folder was moved",
    examples=(
        "sage project move /home/anna/zeta /home/anna/zeta-renamed",
        "sage project move zeta . --dry-run",
    ),
    details="What is saved under the old name later belongs to the project, too. Moved back, it"
    " is called as before.",
)
def move(args: Namespace, console: Console) -> int:
    """Rename a project."""
    memories = with_hook_settings(AskedMemories(args))
    there = memories.ask(lambda one: one.list_projects())
    request = RenameRequest(existing_project(args.old, there), project_of_path(args.new))
    return _change(args, console, memories, request, lambda one, given: one.move_project(given))


@verb(
    "project merge",
    argument("--undo", action="store_true", help="take OLD out of NEW again"),
    *_names("project to join it to"),
    summary="join a project to another one; can be undone",
    examples=(
        "sage project merge /workspaces/zeta /home/anna/zeta",
        "sage project merge /workspaces/zeta /home/anna/zeta --undo",
    ),
    details="From then on the memories of OLD, and what is saved there later, belong to NEW.",
)
def merge(args: Namespace, console: Console) -> int:
    """Join a project to another one, or take it out again."""
    memories = with_hook_settings(AskedMemories(args))
    there = memories.ask(lambda one: one.list_projects())
    request = RenameRequest(
        existing_project(args.old, there), existing_project(args.new, there), undo=args.undo
    )
    return _change(args, console, memories, request, lambda one, given: one.merge_projects(given))


def _change(
    args: Namespace,
    console: Console,
    memories: AskedMemories,
    request: RenameRequest,
    change: Rename,
) -> int:
    """Change what is called so once that is confirmed; scripts are not asked: it can be undone."""
    if args.dry_run or (can_ask(console) and not args.yes):
        planned = replace(request, dry_run=True)
        receipt = memories.ask(lambda there: change(there, planned))
        if args.dry_run:
            return _report(args, console, receipt)
        if receipt.changed and not confirm(console, _question(receipt, request)):
            console.note(phrase("nothing was changed"))
            return FAILED
    return _report(args, console, memories.ask(lambda there: change(there, request)))


def _question(receipt: RenameReceipt, request: RenameRequest) -> str:
    former, project = one_line(receipt.former), one_line(receipt.project)
    memories = _memories(receipt.memories)
    if request.undo:
        return phrase(
            "take {project} ({memories}) out of {former}",
            project=project,
            memories=memories,
            former=former,
        )
    return phrase(
        "join {former} ({memories}) to {project} ({there})"
        if receipt.there
        else "rename {former} ({memories}) to {project}",
        former=former,
        memories=memories,
        project=project,
        there=_memories(receipt.there),
    )


def _report(args: Namespace, console: Console, receipt: RenameReceipt) -> int:
    if args.json:
        console.write_json(to_json(receipt))
        return OK
    project, memories = one_line(receipt.project), _memories(receipt.memories)
    if not receipt.changed:
        console.write(
            phrase("nothing to change: what was saved so belongs to {project}", project=project)
        )
        return OK
    sessions = counted(receipt.sessions, "session", "sessions")
    if receipt.there:
        line = phrase(
            "{project} would get {memories} of {sessions}, beside the {there:,} there"
            if args.dry_run
            else "{project} got {memories} of {sessions}, beside the {there:,} there",
            project=project,
            memories=memories,
            sessions=sessions,
            there=receipt.there,
        )
    else:
        line = phrase(
            "{project} would get {memories} of {sessions}"
            if args.dry_run
            else "{project} got {memories} of {sessions}",
            project=project,
            memories=memories,
            sessions=sessions,
        )
    console.write(line)
    return OK


def _memories(number: int) -> str:
    return counted(number, "memory", "memories")

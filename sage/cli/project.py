"""`sage project`, and the names of projects on the command line."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sage.cli.failures import FAILED, OK
from sage.cli.memories import AskedMemories
from sage.cli.options import JSON, SPACE, YES
from sage.cli.terminal.console import Style
from sage.cli.terminal.prompt import can_ask, confirm
from sage.cli.verb import argument, verb
from sage.cli.views.memory import when_text
from sage.cli.views.program_name import program
from sage.clients.hooks import settings
from sage.clients.hooks.project import project_if_folder
from sage.domain import limits
from sage.domain.answer_json import to_json
from sage.domain.projects import RenameRequest
from sage.domain.text.wording import counted, one_line
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from sage.cli.memories import Memories
    from sage.cli.terminal.console import Console
    from sage.cli.verb import Option
    from sage.domain.projects import RenameReceipt

    Rename = Callable[[Memories, RenameRequest], RenameReceipt]
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.domain.projects import Project, ProjectList


_NAME = "name of the project, its last part, or a directory"


def _names(new: str) -> tuple[Option, ...]:
    return (
        argument("old", metavar="OLD", help=_NAME),
        argument("new", metavar="NEW", help=new),
        argument("--dry-run", action="store_true", help="only count, without changing anything"),
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
    memories = AskedMemories(args)
    found = memories.ask(lambda there: there.list_projects())
    if args.json:
        console.write_json(to_json(found))
        return OK
    _write_projects(console, found.projects, memories.timezone)
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
    memories = with_hook_settings(AskedMemories(args))
    name = existing_project(args.name, memories.ask(lambda there: there.list_projects()))
    found = memories.ask(lambda there: there.read_project(name))
    if args.json:
        console.write_json(to_json(found))
        return OK
    _write_project(console, found, memories.timezone)
    return OK


@verb(
    "project move",
    *_names("new name, not in use by another project"),
    summary="rename a project, for example after its directory was moved",
    examples=(
        "sage project move /home/anna/zeta /home/anna/zeta-renamed",
        "sage project move zeta . --dry-run",
    ),
    details="Memories saved later under the old name also belong to the project. "
    "Moving it back restores the old name.",
)
def move(args: Namespace, console: Console) -> int:
    """Rename a project."""
    memories = with_hook_settings(AskedMemories(args))
    there = memories.ask(lambda one: one.list_projects())
    request = RenameRequest(existing_project(args.old, there), project_of_path(args.new))
    return _change(args, console, memories, request, lambda one, given: one.move_project(given))


@verb(
    "project merge",
    argument("--undo", action="store_true", help="separate OLD from NEW again"),
    *_names("project to merge it into"),
    summary="merge a project into another one; can be undone",
    examples=(
        "sage project merge /workspaces/zeta /home/anna/zeta",
        "sage project merge /workspaces/zeta /home/anna/zeta --undo",
    ),
    details="The memories of OLD, and those saved there later, belong to NEW from then on.",
)
def merge(args: Namespace, console: Console) -> int:
    """Merge a project into another one, or separate it again."""
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
    """Change a project after confirmation; scripts are not asked, since it can be undone."""
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
            "separate {project} ({memories}) from {former}",
            project=project,
            memories=memories,
            former=former,
        )
    return phrase(
        "merge {former} ({memories}) into {project} ({there})"
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
        console.write(phrase("nothing to change: it already belongs to {project}", project=project))
        return OK
    sessions = counted(receipt.sessions, "session", "sessions")
    if receipt.there:
        line = phrase(
            "{project} would get {memories} of {sessions}, in addition to its {there:,}"
            if args.dry_run
            else "{project} got {memories} of {sessions}, in addition to its {there:,}",
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


def with_hook_settings(memories: AskedMemories) -> AskedMemories:
    """Return the memories, with the hooks' setting of whether worktrees are separate."""
    settings.use(str(memories.ask(lambda there: there.data_dir)))
    return memories


def existing_project(given: str, there: ProjectList) -> str:
    """Return the full name of the project that is meant. Raises InvalidInputError.

    The full name of a project takes precedence, then a directory, then the last part of a name.
    """
    names = [[one.name, *one.other_names] for one in there.projects]
    if any(given in called for called in names):
        return given
    folder = project_of_path(given)
    if folder != given or given.startswith(os.sep):
        return folder
    ends = [called[0] for called in names if given in {Path(one).name for one in called}]
    if len(ends) > 1:
        hint = phrase("pass {names}", names=" or ".join(ends[:3]))
        raise InvalidInputError(given, "{field} matches several projects", hint=hint)
    return ends[0] if ends else given


def project_of_path(given: str) -> str:
    """Return the project of a directory, or another name unchanged."""
    path = Path.cwd() / Path(given).expanduser()
    if project := project_if_folder(str(path)):
        return project
    return os.path.normpath(path) if os.sep in given else given


_INDENT = 2


def _write_projects(console: Console, projects: Sequence[Project], timezone: tzinfo) -> None:
    """Write each project in a line or two."""
    for project in projects:
        console.write(
            (one_line(project.name), Style.NAME), "  ", _extent(project, timezone), hang=_INDENT
        )
        if project.other_names:
            console.write(
                "  ",
                phrase("also called {listed}", listed=_listed(project.other_names)),
                hang=_INDENT * 2,
            )
    if not projects:
        console.note(phrase("no memory belongs to a project yet"))
    elif len(projects) == limits.MAX_PROJECTS_LISTED:
        console.note(
            phrase("only the {count:,} most recently active are shown", count=len(projects))
        )


def _write_project(console: Console, project: Project, timezone: tzinfo) -> None:
    """Write a project with its names, and the command that merges it into a similar one."""
    console.write((one_line(project.name), Style.NAME))
    console.write("  ", _extent(project, timezone), hang=_INDENT)
    for name in project.other_names:
        console.write("  ", phrase("also called {name}", name=one_line(name)), hang=_INDENT)
    for other in project.looks_like:
        names = f"{shlex.quote(one_line(project.name))} {shlex.quote(one_line(other))}"
        console.write("  ", phrase("looks like {other}", other=one_line(other)), hang=_INDENT)
        console.write(
            "    ",
            phrase("to merge it: {program} project merge {names}", program=program(), names=names),
            hang=_INDENT * 2,
        )


def _extent(project: Project, timezone: tzinfo) -> str:
    memories = counted(project.memories, "memory", "memories")
    sessions = counted(project.sessions, "session", "sessions")
    if project.last_at is None:
        return phrase("{memories} of {sessions}", memories=memories, sessions=sessions)
    return phrase(
        "{memories} of {sessions}, last on {when}",
        memories=memories,
        sessions=sessions,
        when=when_text(project.last_at, timezone),
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(one_line, names))

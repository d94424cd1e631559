"""Projects as people read them: what they are called, and how much is remembered of each."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style
from sage.cli.views.memory import when_text
from sage.cli.views.program_name import program
from sage.domain import limits
from sage.domain.text.wording import counted, one_line
from sage.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from sage.cli.terminal.console import Console
    from sage.domain.projects import Project

_INDENT = 2


def write_projects(console: Console, projects: Sequence[Project], timezone: tzinfo) -> None:
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
            phrase("the {count:,} that were active most recently are shown", count=len(projects))
        )


def write_project(console: Console, project: Project, timezone: tzinfo) -> None:
    """Write a project with its names, and the command that joins it to one that it looks like."""
    console.write((one_line(project.name), Style.NAME))
    console.write("  ", _extent(project, timezone), hang=_INDENT)
    for name in project.other_names:
        console.write("  ", phrase("also called {name}", name=one_line(name)), hang=_INDENT)
    for other in project.looks_like:
        names = f"{shlex.quote(one_line(project.name))} {shlex.quote(one_line(other))}"
        console.write("  ", phrase("looks like {other}", other=one_line(other)), hang=_INDENT)
        console.write(
            "    ",
            phrase("to join it: {program} project merge {names}", program=program(), names=names),
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

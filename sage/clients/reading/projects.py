"""The project of a memory, outside of which hooks do not recall it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.homes import client_paths
from sage.clients.hooks.project import project_of
from sage.clients.transcripts.projects import folders_of_claude

if TYPE_CHECKING:
    from collections.abc import Mapping


@functools.lru_cache(maxsize=1_024)
def project_metadata(folder: str, name: str | None = None) -> Mapping[str, object]:
    """Return the metadata of the project of a folder.

    If it is unknown, it is the project of that name in which Claude Code was used, else the name
    used by the program, which is no path.
    """
    if project := project_of(folder) or _project_named(name or ""):
        return {"project": project, "project_name": Path(project).name}
    return {"project": name, "project_name": name} if name else {}


def _project_named(name: str) -> str:
    places = client_paths(Path.home(), ".claude/projects") if name else ()
    projects = {folder_of_project(one) for place in places for one in place.glob("*")}
    named = [one for one in projects if Path(one).name == name]
    return named[0] if len(named) == 1 else ""


@functools.lru_cache(maxsize=1_024)
def folder_of_project(transcripts: Path) -> str:
    """Return the project of all Claude Code transcripts in a folder, empty if they differ."""
    projects = {*map(project_of, folders_of_claude(transcripts))}
    return projects.pop() if len(projects) == 1 else ""

"""Projects by what people type: a name, its last part, or a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sage.clients.hooks import settings
from sage.clients.hooks.project import project_if_folder
from sage.errors import InvalidInputError
from sage.phrases import phrase

if TYPE_CHECKING:
    from sage.cli.memories import AskedMemories
    from sage.domain.projects import ProjectList


def with_hook_settings(memories: AskedMemories) -> AskedMemories:
    """Return the memories, whose hooks may be set to keep worktrees apart."""
    settings.use(str(memories.ask(lambda there: there.data_dir)))
    return memories


def existing_project(given: str, there: ProjectList) -> str:
    """Return the name of the project that somebody means. Raises InvalidInputError.

    A name that a project has comes first, then a folder, then the last part of a name.
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
        raise InvalidInputError(given, "{field} is the last part of several names", hint=hint)
    return ends[0] if ends else given


def project_of_path(given: str) -> str:
    """Return the project of a folder that is named, or another name as it is."""
    path = Path.cwd() / Path(given).expanduser()
    if project := project_if_folder(str(path)):
        return project
    return os.path.normpath(path) if os.sep in given else given

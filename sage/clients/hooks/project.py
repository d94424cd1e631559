"""The project of a folder: the root of its Git repository, or the folder itself."""

import os

from sage.clients.hooks.settings import APART, WORKTREES, value
from sage.clients.hooks.state_files import read_regular

# Git is slow to start: its files are read instead. Whoever made a folder wrote what is in it.

_MAX_BYTES = 4096


def project_of(cwd: str) -> str:
    """Return the path of a folder's project; all worktrees of a repository share one.

    If configured, each worktree is a separate project.

    Links are resolved, so that a folder is the same project under any name. In a path that is not
    UTF-8, question marks replace what cannot be stored.
    """
    if not cwd or "\0" in cwd:
        return ""
    return _root_of(os.path.realpath(cwd)).encode("utf-8", "replace").decode()


def project_if_folder(name: str) -> str:
    """Return the project of a name that is a folder here, otherwise empty.

    A path may be of another machine, and lie here below a folder that this user may not enter.
    """
    return project_of(name) if os.path.isdir(name) else ""


def _root_of(here: str) -> str:
    folder = here
    while True:
        mark = os.path.join(folder, ".git")
        if os.path.isdir(mark):
            return folder
        if os.path.lexists(mark):
            return folder if value(WORKTREES) == APART else _main_worktree(folder) or folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return here
        folder = parent


def _main_worktree(folder: str) -> str:
    """Return the repository that has a folder among its worktrees, empty without one.

    A folder can claim to be a worktree. It is one if the named repository has a worktree entry that
    names the folder in turn. A submodule is a project of its own, and so is a worktree that was
    moved by hand, until `git worktree repair`.
    """
    claimed = _first_line(os.path.join(folder, ".git"))
    if not claimed.startswith("gitdir:"):
        return ""
    git_dir = os.path.realpath(os.path.join(folder, claimed.removeprefix("gitdir:").strip()))
    worktrees = os.path.dirname(git_dir)
    named = os.path.join(git_dir, _first_line(os.path.join(git_dir, "gitdir")))
    if os.path.basename(worktrees) != "worktrees" or os.path.basename(named) != ".git":
        return ""
    if os.path.realpath(os.path.dirname(named)) != folder:
        return ""
    common = os.path.dirname(worktrees)
    return os.path.dirname(common) if os.path.basename(common) == ".git" else common


def _first_line(path: str) -> str:
    content = read_regular(path, _MAX_BYTES) or b""
    return os.fsdecode(content.partition(b"\0")[0].partition(b"\n")[0]).strip()

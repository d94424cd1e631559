"""Which project a folder belongs to: the root of its Git repository, or the folder itself."""

import os

# Git is slow to start: its files are read instead.


def project_of(cwd: str) -> str:
    """Return the path of the project of a folder; all worktrees of a repository share one.

    Links are followed, so that a folder is the same project by whatever name it is entered.
    """
    if not cwd:
        return ""
    folder = here = os.path.realpath(cwd)
    while True:
        mark = os.path.join(folder, ".git")
        if os.path.isdir(mark):
            return folder
        if os.path.isfile(mark):
            return _main_worktree(folder, mark)
        parent = os.path.dirname(folder)
        if parent == folder:
            return here
        folder = parent


def _main_worktree(folder: str, mark: str) -> str:
    try:
        with open(mark, encoding="utf-8") as file:
            git_dir = os.path.join(folder, file.read(4096).removeprefix("gitdir:").strip())
        with open(os.path.join(git_dir, "commondir"), encoding="utf-8") as file:
            common = os.path.abspath(os.path.join(git_dir, file.read(4096).strip()))
    except OSError:
        return folder  # a submodule is a project of its own
    return os.path.realpath(
        os.path.dirname(common) if os.path.basename(common) == ".git" else common
    )

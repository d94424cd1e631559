"""Where AI clients keep their files: in the home directory, or where a variable of theirs says."""

from __future__ import annotations

from pathlib import Path, PurePath

from sage.config.child_environment import variables_set

_MOVED_BY = {
    ".claude": ("CLAUDE_CONFIG_DIR", ""),
    ".claude.json": ("CLAUDE_CONFIG_DIR", ".claude.json"),
    ".codex": ("CODEX_HOME", ""),
    ".copilot": ("COPILOT_HOME", ""),
    ".gemini": ("GEMINI_CLI_HOME", ".gemini"),
    ".qwen": ("QWEN_HOME", ""),
    ".config": ("XDG_CONFIG_HOME", ""),
}
"""What a name in the home directory is moved by, and what it is called there."""


def client_path(home: Path, name: str) -> Path:
    """Return the path of a file or folder of a client, whose name is relative to `home`."""
    first, *rest = PurePath(name).parts
    variable, below = _MOVED_BY.get(first, ("", ""))
    moved = variables_set(variable).get(variable)
    return Path(moved, below, *rest).absolute() if moved else home / name


def client_paths(home: Path, name: str) -> list[Path]:
    """Return the path in the home directory, and the one to which a variable has moved it."""
    return [*dict.fromkeys((home / name, client_path(home, name)))]

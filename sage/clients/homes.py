"""The locations of other programs' files: below the home directory, or set by a variable."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOVED_BY = {
    ".claude": ("CLAUDE_CONFIG_DIR", ""),
    ".claude.json": ("CLAUDE_CONFIG_DIR", ".claude.json"),
    ".codex": ("CODEX_HOME", ""),
    ".copilot": ("COPILOT_HOME", ""),
    ".gemini": ("GEMINI_CLI_HOME", ".gemini"),
    ".qwen": ("QWEN_HOME", ""),
    ".config": ("XDG_CONFIG_HOME", ""),
}
"""The variable that moves a name in the home directory, and its name there."""


def home_of(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the home directory for an environment, None without one."""
    if home := environ.get("HOME"):
        return Path(home)
    try:
        return Path.home()
    except RuntimeError:
        return None


def user_data_of(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder for data of the user, None for a user without a home.

    It follows the XDG base directory specification (0.8), which ignores a relative `XDG_DATA_HOME`.
    """
    xdg = Path(environ.get("XDG_DATA_HOME", ""))
    if xdg.is_absolute():
        return xdg
    home = home_of(environ)
    return home / ".local/share" if home else None


def client_path(home: Path, name: str) -> Path:
    """Return the path of a file or folder of an AI client, whose name is relative to `home`."""
    first, *rest = PurePath(name).parts
    variable, below = _MOVED_BY.get(first, ("", ""))
    moved = os.environ.get(variable)
    return Path(moved, below, *rest).absolute() if moved else home / name


def client_paths(home: Path, name: str) -> list[Path]:
    """Return the path in the home directory, and the one to which a variable has moved it."""
    return [*dict.fromkeys((home / name, client_path(home, name)))]


def path_named_by(variable: str) -> Path | None:
    """Return the path in a variable of another program, None if it is not set."""
    named = os.environ.get(variable)
    return Path(named) if named else None


def value_of(variable: str) -> str:
    """Return the value of an environment variable, empty if it is not set."""
    return os.environ.get(variable, "")

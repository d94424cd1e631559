"""Folders in which nothing is captured or recalled.

People name them in the settings, or create a file `.sageignore` there. That file may come from
anywhere, with a clone or an archive: it can only make Sage do less.
"""

from __future__ import annotations

import os

from sage.clients.hooks.settings import IGNORE, value
from sage.clients.hooks.state_files import read_regular

FILE = ".sageignore"
LEFT_OUT = "ignored folders"
"""The reason for which an import leaves out messages of such a folder."""

_MAX_BYTES = 65_536
_WILD = frozenset("*?[")


def is_ignored(folder: str) -> bool:
    """Return whether a folder is ignored, through any link."""
    return bool(ignored_by(folder))


def ignored_by(folder: str) -> str:
    """Return why a folder is ignored: the pattern of the settings, or the path of a file."""
    if not folder or "\0" in folder:
        return ""
    real = os.path.realpath(folder)
    for pattern in patterns():
        if any(_fits(path, pattern) for path in (folder, real)):
            return pattern
    here = real
    while True:
        file = os.path.join(here, FILE)
        if os.path.lexists(file) and _names(file, os.path.relpath(real, here)):
            return file
        parent = os.path.dirname(here)
        if parent == here:
            return ""
        here = parent


def patterns() -> list[str]:
    """Return the folder patterns in the settings."""
    return [one.strip() for one in value(IGNORE).split(",") if one.strip()]


def _fits(path: str, pattern: str) -> bool:
    """Return whether a pattern matches a folder, or one above it.

    One that begins neither with `/` nor with `~` may begin at any folder.
    """
    pattern = os.path.expanduser(pattern).rstrip("/")
    if not os.path.isabs(pattern):
        pattern = f"*/{pattern}"
    if _WILD.isdisjoint(pattern):
        return path == pattern or path.startswith(f"{pattern}/")
    from fnmatch import fnmatchcase  # noqa: PLC0415 - slow to import, and few patterns need it

    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}/*")


def _names(file: str, below: str) -> bool:
    """Return whether a `.sageignore` matches the folder `below` it.

    A file without lines, or with invalid ones, matches its whole folder.
    """
    raw = read_regular(file, _MAX_BYTES)
    if raw is None:
        return True
    lines = [line.strip() for line in os.fsdecode(raw).split("\n")]
    named = [line for line in lines if line and not line.startswith("#")]
    if not named or len(raw) == _MAX_BYTES or not all(map(_is_plain, named)):
        return True
    return any(_fits(f"/{below}", f"/{line.strip('/')}") for line in named)


def _is_plain(line: str) -> bool:
    """Return whether a line names folders below: no parent path, no exception."""
    return ".." not in line.split("/") and not line.startswith(("!", "~")) and "\\" not in line

"""Detect whether the running program is in a cache, as with `uvx` and `pipx run`."""

from __future__ import annotations

import sys
from pathlib import Path

from sage.errors import StartupError
from sage.phrases import phrase

_CACHES = {".cache", "Caches"}
_TAG = "CACHEDIR.TAG"
_TAGGED_BUT_KEPT = {".tox", ".nox"}


def cache_of_program() -> Path | None:
    """Return the cache that contains the environment of this Python, None if none does."""
    return next((one for one in Path(sys.prefix).parents if _is_cache(one)), None)


def require_permanent_program() -> None:
    """Raise StartupError if a recorded command would call a program in a cache."""
    if cache := cache_of_program():
        raise StartupError(
            phrase("this Sage is in {cache}, which may be emptied at any time", cache=cache),
            hint="install it permanently with `uv tool` or `pipx`, and use that installation",
        )


def _is_cache(folder: Path) -> bool:
    if folder.name in _CACHES:
        return True
    return folder.name not in _TAGGED_BUT_KEPT and (folder / _TAG).exists()

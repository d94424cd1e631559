"""Documentation found in a folder: of a checkout of Git or of a package, nobody's notes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sage.clients.reading.files import File

_OF_PACKAGES = frozenset({"venv", "site-packages", "dist-packages", "vendor", ".tox", ".cache"})


def is_documentation(file: File) -> bool:
    """Return whether a text found in a folder is of a checkout of Git or of a package.

    The folder that was named is none of these, whatever it holds: its owner wants it.
    """
    if file.folder is None:
        return False
    inner = file.path.relative_to(file.folder).parent
    if not _OF_PACKAGES.isdisjoint(inner.parts):
        return True
    return any(_is_checkout(file.folder / one) for one in (inner, *inner.parents[:-1]) if one.parts)


@lru_cache(maxsize=4_096)
def _is_checkout(folder: Path) -> bool:
    return (folder / ".git").exists()

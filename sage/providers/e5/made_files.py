"""The files that the engine reads: their names, and whether they are intact."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS = "weights.bin"
TOKENIZER = "tokenizer.model"
SUMS = "SHA256SUMS"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(target: Path) -> bool:
    """Return whether a directory has all files, unchanged."""
    try:
        lines = (target / SUMS).read_text(encoding="ascii").splitlines()
        sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
        return all(digest_of(target / name) == sums[name] for name in (WEIGHTS, TOKENIZER))
    except (OSError, ValueError, KeyError):
        return False

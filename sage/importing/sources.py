"""What can be imported, found in files and folders by what stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sage.importing.chatgpt import ChatGptExport, is_chatgpt
from sage.importing.transcripts import Transcripts, read_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sage.domain.transfer import TransferredMemory

_PATTERNS = ("*.jsonl", "conversations*.json", "*.zip")


class ImportSource(Protocol):
    """The files of one program; what was read of them is counted while it is."""

    source: str
    paths: list[Path]
    read: int
    copies: int
    skipped: int
    repaired: int
    undated: int

    def memories(self) -> Iterator[TransferredMemory]:
        """Read them all, each message once. Raises InvalidInputError, OSError."""
        ...


def sources_at(paths: Iterable[Path], since: datetime | None = None) -> list[ImportSource]:
    """Find what can be imported in files and folders, links left out. Raises OSError."""
    transcripts: dict[str, list[Path]] = {}
    exports: list[Path] = []
    for path in paths:
        files = [*_within(path)] if path.is_dir() else [path]
        for file in files:
            if (heading := read_heading(file)) is not None:
                transcripts.setdefault(heading.source, []).append(file)
            elif is_chatgpt(file):
                exports.append(file)
    found: list[ImportSource] = [
        Transcripts(source, files, since) for source, files in transcripts.items()
    ]
    return [*found, ChatGptExport(exports, since)] if exports else found


def _within(folder: Path) -> Iterator[Path]:
    for pattern in _PATTERNS:
        yield from (
            path
            for path in sorted(folder.rglob(pattern))
            if path.is_file() and not path.is_symlink()
        )

"""Messages too long for one memory: stored in parts, shown as one.

The metadata of each part contain its number (`part` of `parts`) and the length of the whole message
(`chars`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sage.domain.text.abridging import left_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sage.domain.memories import Memory

    _MemoryT = TypeVar("_MemoryT", bound=Memory)

_SHOWN_CHARS = 4_000


def chars_of_whole(metadata: Mapping[str, object]) -> int | None:
    """Return the length of the message of which a memory is a part; None for a whole message."""
    chars, parts = metadata.get("chars"), metadata.get("parts")
    return chars if isinstance(chars, int) and isinstance(parts, int) and parts > 1 else None


def with_excerpt_of_whole(memory: _MemoryT) -> _MemoryT:
    """Return a memory as it is shown: of a first part the beginning, and how much follows."""
    chars = chars_of_whole(memory.metadata)
    if chars is None or chars <= _SHOWN_CHARS:
        return memory
    return replace(memory, content=with_size(memory.content[:_SHOWN_CHARS], chars))


def with_size(excerpt: str, chars: int) -> str:
    """Return an excerpt of a message with the number of its characters that are left out."""
    return f"{excerpt}\n{left_out(chars - len(excerpt))}"

"""Texts in pieces: what a search found in them, and what stands between."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def pieces_of(text: str, matches: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is one of the matches."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for start, stop in matches:
        if stop <= end:
            continue
        begins = max(start, end)
        if begins > end:
            pieces.append((text[end:begins], False))
        pieces.append((text[begins:stop], True))
        end = stop
    return [*pieces, (text[end:], False)] if end < len(text) else pieces

"""Text on a terminal, where a Chinese character takes two columns and may end a line."""

from __future__ import annotations

import re
import unicodedata

_OPENING = "（“‘《「【"  # noqa: RUF001 - Chinese has punctuation of its own
_CLOSING = "，。、；：！？）”’》」】…"  # noqa: RUF001 - as above
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60"
_WORD = r"\s*(?:`[^`]*`|\S)+\s*"
_PIECE = (  # compiled only for Chinese text, since it takes longer than most help
    rf"\s*(?:[{_OPENING}]*(?:[\u2e80-\u2fff\u3040-\u9fff\uf900-\ufaff]"
    rf"|(?:`[^`]*`|[^\s{_WIDE}{_OPENING}{_CLOSING}])+)[{_CLOSING}]*|\S)\s*"
)


def columns_of(text: str) -> int:
    """Return the number of columns of a text."""
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def padded(text: str, columns: int) -> str:
    """Return a text padded with spaces to at least that many columns."""
    return text + " " * (columns - columns_of(text))


def pieces(text: str) -> list[re.Match[str]]:
    """Return the pieces of a text between which a line may be broken, in order.

    A piece is a word, a text between backticks, such as a command, or a Chinese character with the
    punctuation next to it.
    """
    return [*re.finditer(_WORD if text.isascii() else _PIECE, text)]


def folded(text: str, columns: int) -> list[str]:
    """Return a paragraph as lines of at most so many columns."""
    if text.isascii():
        from textwrap import wrap  # noqa: PLC0415 - argparse does so, too

        return wrap(text, columns)
    lines, room = [""], columns
    for match in pieces(" ".join(text.split())):
        piece = match.group()
        if lines[-1] and columns_of(piece.rstrip()) > room:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
            room = columns
        lines[-1] += piece
        room -= columns_of(piece)
    return lines

"""Wrap lines between words."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text

from sage.domain.text.columns import pieces


def wrapped(text: Text, width: int, hang: int) -> Text:
    """Wrap text into lines of `width` columns, all but the first indented by `hang`.

    Lines break only between words: a longer word, such as a path, stays whole, and text between
    backticks, such as a command, is one word.
    """
    breaks, room = [], width
    for word in pieces(text.plain):
        if word.start() and cell_len(word.group().rstrip()) > room:
            breaks.append(word.start())
            room = width - hang
        room -= cell_len(word.group())
    lines = text.divide(breaks)
    for line in lines[:-1]:
        line.rstrip()
    return Text(f"\n{' ' * hang}").join(lines)

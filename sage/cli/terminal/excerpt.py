"""A few lines of a long text, around the first match in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.terminal.console import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console

_MAX_COLUMNS = 100


def write_excerpt(
    console: Console, text: str, marked: Sequence[tuple[int, int]], *, indent: int, limit: int
) -> None:
    """Write at most `limit` lines of the one-line `text`; omitted text is shown as `…`.

    `marked` are ranges to highlight, as offsets into the text in order; if the first lines contain
    none of them, the excerpt begins shortly before the first. Raises OutputLostError.
    """
    from rich.cells import cell_len
    from rich.text import Text

    width = min(console.width, _MAX_COLUMNS) - indent
    shown = Text(text)
    for start, end in marked:
        shown.stylize(Style.MATCH, start, end)
    if marked and cell_len(text[: marked[0][1]]) > width * limit:
        shown = Text("…").append(shown[_begin(text, marked[0][0], width // 2) :])
    lines = list(shown.wrap(console.rich_out, width))
    if len(lines) > limit:
        last = Text().join(lines[limit - 1 :])
        last.truncate(width, overflow="ellipsis")
        lines[limit - 1 :] = [last]
    for line in lines:
        line.rstrip()
        console.draw(Text(" " * indent).append(line))


def _begin(text: str, place: int, before: int) -> int:
    """Return the offset of a word's beginning at most `before` characters ahead of `place`."""
    space = text.find(" ", place - before, place)
    return place - before // 2 if space < 0 else space + 1

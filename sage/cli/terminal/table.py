"""Tables for people: text aligned left, numbers right, no rules between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from sage.cli.terminal.console import Style
from sage.phrases.language import said, said_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sage.cli.terminal.console import Console

_GAP = 2
_PIPED_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a heading; the first `left` columns are text. `legend` explains the heading."""

    heading: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    legend: str = ""

    def write(self, console: Console) -> None:
        """Write the table and an empty line. Raises OutputLostError.

        On a narrow terminal, cells are wrapped between words; if it is too narrow for that, each
        row becomes a list of names and values.
        """
        heading = [said(one) for one in self.heading]
        rows = [[said_phrase(cell) for cell in row] for row in self.rows]
        columns = list(zip(heading, *rows, strict=True))
        room = console.width if console.out.isatty() else _PIPED_COLUMNS
        widths = _widths(columns, room - _GAP * (len(columns) - 1))
        if widths is None:
            _write_lists(console, heading, rows)
        else:
            console.draw(self._drawn(heading, rows, widths))
        if self.legend:
            console.write((said(self.legend), Style.FAINT))
        console.write()

    def _drawn(
        self, heading: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
    ) -> RichTable:
        drawn = RichTable(
            box=None,
            padding=(0, _GAP, 0, 0),
            pad_edge=False,
            header_style=Style.BOLD,
            width=sum(widths) + _GAP * (len(widths) - 1),  # in a pipe, wider than the console
        )
        for at, (name, width) in enumerate(zip(heading, widths, strict=True)):
            drawn.add_column(name, justify="left" if at < self.left else "right", width=width)
        for row in rows:
            drawn.add_row(*map(Text, row))
        return drawn


def _write_lists(console: Console, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for row in rows:
        named = (f"{name} {cell}" for name, cell in zip(heading, row, strict=True) if cell)
        console.write(", ".join(named), hang=_GAP)


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return a width for each column, from its longest cell down to its longest word.

    None if not even the longest words fit beside each other.
    """
    words = [
        max(cell_len(word) for cell in cells for word in (*cell.split(), "")) for cells in columns
    ]
    widths = [max(map(cell_len, cells)) for cells in columns]
    while sum(widths) > room:
        spare, at = max(
            (width - word, at) for at, (width, word) in enumerate(zip(widths, words, strict=True))
        )
        if not spare:
            return None
        widths[at] -= 1
    return widths

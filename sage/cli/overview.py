"""The verbs in their groups, as help shows them: everyday ones, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sage.cli.verbs import EVERYDAY, GROUPS, VERBS
from sage.cli.views.program_name import program
from sage.domain.text.columns import columns_of, folded, padded
from sage.phrases import phrase
from sage.phrases.language import said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_GAP = 2
_FIRST_STEPS = {
    "up": phrase("start Sage, if it is not running"),
    "connect": phrase("connect the AI clients of this machine"),
    'search "tea?"': phrase("search memories"),
    "sessions": phrase("list sessions"),
    "console": phrase("open the console in a browser"),
    "doctor": phrase("check everything"),
}


def first_steps(width: int) -> str:
    """Return the output of `sage` alone, in lines of at most `width` columns."""
    rows = [(f"sage {command}", said(text)) for command, text in _FIRST_STEPS.items()]
    after = [phrase("`sage --help` lists the commands.")]
    if program() != "sage":
        after.append(phrase("Here, `sage` is `{program}`.", program=program()))
    return _with_paragraphs(
        width,
        [phrase("Sage is a memory for AI assistants. To get started:")],
        _in_columns(rows, width),
        after,
    )


def everyday_verbs(width: int) -> str:
    """Return the everyday verbs in their groups, in lines of at most `width` columns."""
    return _with_paragraphs(
        width,
        [phrase("usage: sage COMMAND ...")],
        _in_columns(_rows(EVERYDAY), width),
        [
            phrase(
                "`sage help COMMAND` shows the options of a command, `sage help --all` "
                "lists all commands."
            )
        ],
    )


def all_verbs(width: int) -> str:
    """Return all verbs in their groups, in lines of at most `width` columns."""
    return "\n".join(_in_columns(_rows(VERBS), width))


def _rows(shown: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return group, verb and text of each of the verbs shown; a group is named once."""
    rows = []
    for title, verbs in GROUPS.items():
        group = said(title)
        for name in filter(shown.__contains__, verbs):
            rows.append((group, name, said(shown[name])))
            group = ""
    return rows


def _in_columns(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Return rows as lines, the last cell wrapped in its column."""
    *left, _ = zip(*rows, strict=True)
    widths = [max(map(columns_of, cells)) + _GAP for cells in left]
    indent = _GAP + sum(widths)
    lines = []
    for *cells, text in rows:
        head = "".join(padded(cell, wide) for cell, wide in zip(cells, widths, strict=True))
        for line in folded(text, max(width - indent, _GAP)):
            lines.append(f"{' ' * _GAP}{head}{line}")
            head = " " * (indent - _GAP)
    return lines


def _with_paragraphs(width: int, before: list[str], rows: list[str], after: list[str]) -> str:
    """Return rows between paragraphs, with a line break at the end."""
    paragraphs = [
        [line for text in texts for line in folded(said(text), width)] for texts in (before, after)
    ]
    return "\n".join([*paragraphs[0], "", *rows, "", *paragraphs[1], ""])

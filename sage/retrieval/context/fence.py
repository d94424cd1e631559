"""Prevent recalled text from imitating anything else: a mark of Sage's, a turn, a heading.

A message may have been written in order to be recalled. Fenced, it cannot end a block, not even
with lookalike characters, and cannot begin a turn; invisible characters are removed.
"""

from __future__ import annotations

import re

from sage.domain.text.unseen import without_unseen
from sage.retrieval.context.reserved_marks import BRACKET, MAY_OPEN, mark
from sage.retrieval.text.words import normalized

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_PLAIN = re.compile(r"[…\w](?:[\w .'@#/+=~…-]*[\w.…])?")


def fenced(text: str) -> str:
    """Prevent text from ending its block, or imitating a turn."""
    return without_fences(text).replace("\n", "\n    ")


def without_fences(text: str) -> str:
    """Remove invisible characters, and prevent text from opening or closing a block.

    Line breaks of all kinds become one.
    """
    if text.isascii() and text.isprintable():
        return _unmarked(text)  # most ids, times and names, and many turns
    shown = _unmarked(_LINE_BREAK.sub("\n", without_unseen(text)))
    if shown.isascii() or not MAY_OPEN.search(shown):
        return shown
    alike = normalized(shown)
    return _unmarked(alike) if mark().search(alike) else shown


def _unmarked(text: str) -> str:
    if MAY_OPEN.search(text):  # to look for it takes a fraction of the time
        text = mark().sub("&lt;", text)
    return BRACKET.sub("&#91;", text) if "[" in text else text


def quoted(label: str) -> str:
    r"""Write a name in quotes, unambiguously: different names are written differently.

    Quotes, brackets and invisible characters are escaped, for example as `\u0022`.
    """
    return f'"{"".join(map(_escaped, label))}"'


def plain_or_quoted(label: str) -> str:
    """Return a label unchanged if it is unambiguous, otherwise in quotes."""
    return label if _PLAIN.fullmatch(label) else quoted(label)


def _escaped(char: str) -> str:
    if char.isprintable() and char not in '"\\<>[]':
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - as JSON has it
